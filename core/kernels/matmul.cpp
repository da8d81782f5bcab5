// Matrix products. Sources: aten/src/ATen/native/LinearAlgebra.cpp (matmul), Linear.cpp, cuda/Blas.cpp; backward:
// FunctionsManual.cpp (mm_mat1_backward, mm_mat2_backward, _trilinear).
#include <algorithm>

#include "kernels/autocast.hpp"
#include "kernels/kernels.hpp"

namespace footprint::aten {
namespace {

constexpr std::int64_t kLtWorkspace = 1 << 20;

/// cuBLAS's workspace: as large as the card's generation asks, taken for each call and given back, or kept.
Storage workspace(Device& device) {
    const std::int32_t capability = device.properties.compute_capability;
    const bool large = capability >= 90 && capability != 110;
    const Within kind(device.kind, BlockKind::workspace);
    if (device.properties.persistent_workspaces) {
        device.keep_workspace(large ? 33'554'432 : 8'519'680);
        return Storage(device, 0);
    }
    return Storage(device, large ? 33'554'432 : 8'519'680);
}

Storage lt_workspace(Device& device) {
    const Within kind(device.kind, BlockKind::workspace);
    if (device.properties.persistent_workspaces) workspace(device);  // the handle of cublasLt makes the plain one
    return Storage(device, kLtWorkspace);
}

/// A matrix that cuBLAS can read as it lies, by rows or by columns; else a copy (prepare_matrix_for_cublas).
Tensor readable(const Tensor& matrix) {
    const auto good = [&](std::int64_t fast, std::int64_t slow) {
        return matrix.stride(fast) == 1 && matrix.stride(slow) >= std::max<std::int64_t>(1, matrix.size(fast));
    };
    return good(-2, -1) || good(-1, -2) ? matrix : clone(detached(matrix), true);
}

Tensor product_of(const Tensor& a, const Tensor& b, Sizes sizes) {
    Device& device = a.device();
    Tensor result = empty(device, std::move(sizes), a.dtype());
    const Tensor left = readable(a), right = readable(b);
    if (result.numel() > 0) const Storage taken = workspace(device);
    return result;
}

Tensor plain_mm(const Tensor& a, const Tensor& b) { return product_of(a, b, {a.size(0), b.size(1)}); }

bool by_columns(const Sizes& sizes, const Sizes& strides) { return strides[0] == 1 && strides[1] == sizes[0]; }

Tensor mat1_grad(const Tensor& grad, const Tensor& mat2, const Sizes& sizes, const Sizes& strides) {
    if (by_columns(sizes, strides)) return t(plain_mm(mat2, t(grad)));
    return plain_mm(grad, t(mat2));
}

Tensor mat2_grad(const Tensor& grad, const Tensor& mat1, const Sizes& sizes, const Sizes& strides) {
    if (by_columns(sizes, strides)) return t(plain_mm(t(grad), mat1));
    return plain_mm(t(mat1), grad);
}

}  // namespace

Tensor mm(const Tensor& self, const Tensor& mat2) {
    if (autocasts(self)) {
        const Tensor second = in_lower_precision(mat2), first = in_lower_precision(self);
        const AutocastOff off(self.device());
        return mm(first, second);
    }
    keeps_factors(self, mat2);
    Tensor result = plain_mm(self, mat2);
    if (History history{"MmBackward0", {&self, &mat2}}) {
        const Saved kept_self = history.needs(1) ? history.save(self) : Saved();
        const Saved kept_mat2 = history.needs(0) ? history.save(mat2) : Saved();
        history.of(result, [kept_self, kept_mat2, sizes1 = self.sizes(), strides1 = self.strides(),
                            sizes2 = mat2.sizes(), strides2 = mat2.strides()](Incoming in) {
            const Tensor first = kept_self.unpack(), second = kept_mat2.unpack();
            Tensor grad2 = in.needs(1) ? mat2_grad(in.grad(), first, sizes2, strides2) : Tensor();
            Tensor grad1 = in.needs(0) ? mat1_grad(in.grad(), second, sizes1, strides1) : Tensor();
            return Tensors{std::move(grad1), std::move(grad2)};
        });
    }
    return result;
}

namespace {

/// A matrix times a vector (cublas gemv).
Tensor mv(const Tensor& self, const Tensor& vector) {
    const auto product_with = [](const Tensor& matrix) {
        Tensor result = empty(matrix.device(), {matrix.size(0)}, matrix.dtype());
        if (result.numel() > 0) const Storage taken = workspace(matrix.device());
        return result;
    };
    Tensor result = product_with(self);
    if (History history{"MvBackward0", {&self, &vector}}) {
        const Saved kept_self = history.needs(1) ? history.save(self) : Saved();
        const Saved kept_vector = history.needs(0) ? history.save(vector) : Saved();
        history.of(result, [kept_self, kept_vector, sizes = self.sizes(), product_with](Incoming in) {
            const Tensor matrix = kept_self.unpack(), by = kept_vector.unpack();
            Tensor grad_self = in.needs(0) ? empty(in.grad().device(), sizes, in.grad().dtype()) : Tensor();
            Tensor grad_vector = in.needs(1) ? product_with(t(matrix)) : Tensor();
            return Tensors{std::move(grad_self), std::move(grad_vector)};
        });
    }
    return result;
}

}  // namespace

Tensor addmm(const Tensor& bias, const Tensor& mat1, const Tensor& mat2) {
    if (autocasts(mat1)) {
        const Tensor third = in_lower_precision(mat2), second = in_lower_precision(mat1),
                     first = in_lower_precision(bias);
        const AutocastOff off(mat1.device());
        return addmm(first, second, third);
    }
    Device& device = mat1.device();
    keeps_factors(mat1, mat2);
    const bool lt = bias.dim() == 1 && bias.is_contiguous() && mat2.size(0) > 1 && mat2.size(1) > 1;
    Tensor result = empty(device, {mat1.size(0), mat2.size(1)}, mat1.dtype());
    {
        const Tensor left = readable(mat1), right = readable(mat2);
        if (lt)
            const Storage taken = lt_workspace(device);
        else
            const Storage taken = workspace(device);
    }
    if (History history{"AddmmBackward0", {&bias, &mat1, &mat2}}) {
        const Saved kept1 = history.needs(2) ? history.save(mat1) : Saved();
        const Saved kept2 = history.needs(1) ? history.save(mat2) : Saved();
        history.of(result, [kept1, kept2, sizes1 = mat1.sizes(), strides1 = mat1.strides(), sizes2 = mat2.sizes(),
                            strides2 = mat2.strides()](Incoming in) {
            const Tensor first = kept1.unpack(), second = kept2.unpack();
            Tensor grad1 = in.needs(1) ? mat1_grad(in.grad(), second, sizes1, strides1) : Tensor();
            Tensor grad2 = in.needs(2) ? mat2_grad(in.grad(), first, sizes2, strides2) : Tensor();
            return Tensors{in.grad(), std::move(grad1), std::move(grad2)};
        });
    }
    return result;
}

namespace {

Tensor plain_bmm(const Tensor& a, const Tensor& b) { return product_of(a, b, {a.size(0), a.size(1), b.size(2)}); }

}  // namespace

Tensor bmm(const Tensor& self, const Tensor& mat2) {
    if (autocasts(self)) {
        const Tensor second = in_lower_precision(mat2), first = in_lower_precision(self);
        const AutocastOff off(self.device());
        return bmm(first, second);
    }
    keeps_factors(self, mat2);
    Tensor result = plain_bmm(self, mat2);
    if (History history{"BmmBackward0", {&self, &mat2}}) {
        const Saved kept_self = history.needs(1) ? history.save(self) : Saved();
        const Saved kept_mat2 = history.needs(0) ? history.save(mat2) : Saved();
        history.of(result, [kept_self, kept_mat2](Incoming in) {
            const Tensor first = kept_self.unpack(), second = kept_mat2.unpack();
            Tensor grad2 = in.needs(1) ? plain_bmm(transpose(first, 1, 2), in.grad()) : Tensor();
            Tensor grad1 = in.needs(0) ? plain_bmm(in.grad(), transpose(second, 1, 2)) : Tensor();
            return Tensors{std::move(grad1), std::move(grad2)};
        });
    }
    return result;
}

namespace {

/// What create_grouped_gemm_output_tensor makes: rows that begin at multiples of 16 bytes.
Tensor plain_grouped_mm(const Tensor& a, const Tensor& b, const Tensor& offs) {
    Sizes sizes = {a.size(-2), b.size(-1)};
    if ((a.dim() == 2) == (b.dim() == 2)) sizes.insert(sizes.begin(), a.dim() == 2 ? offs.size(0) : a.size(0));
    const std::int64_t step = 16 / size_of(a.dtype()), pitch = (sizes.back() + step - 1) / step * step;
    Sizes strides = {pitch, 1};
    if (sizes.size() == 3) strides.insert(strides.begin(), sizes[1] * pitch);
    return empty_strided(a.device(), std::move(sizes), std::move(strides), a.dtype());
}

/// The gradient of a matrix lies as the matrix does.
Tensor grouped_mat1_grad(const Tensor& grad, const Tensor& mat2, const Tensor& offs, bool columns) {
    if (columns) return transpose(plain_grouped_mm(mat2, transpose(grad, -2, -1), offs), -2, -1);
    return plain_grouped_mm(grad, transpose(mat2, -2, -1), offs);
}

Tensor grouped_mat2_grad(const Tensor& grad, const Tensor& mat1, const Tensor& offs, bool columns) {
    if (columns) return transpose(plain_grouped_mm(transpose(grad, -2, -1), mat1, offs), -2, -1);
    return plain_grouped_mm(transpose(mat1, -2, -1), grad, offs);
}

}  // namespace

Tensor grouped_mm(const Tensor& self, const Tensor& mat2, const Tensor& offs) {
    if (autocasts(self)) {
        const Tensor second = in_lower_precision(mat2), first = in_lower_precision(self);
        const AutocastOff off(self.device());
        return grouped_mm(first, second, offs);
    }
    Tensor result = plain_grouped_mm(self, mat2, offs);
    if (History history{"GroupedMmBackward0", {&self, &mat2}}) {
        const Saved kept_self = history.needs(1) ? history.save(self) : Saved();
        const Saved kept_mat2 = history.needs(0) ? history.save(mat2) : Saved();
        const Saved kept_offs = offs.defined() ? history.save(offs) : Saved();
        history.of(result, [kept_self, kept_mat2, kept_offs, columns1 = self.stride(-2) == 1,
                            columns2 = mat2.stride(-2) == 1](Incoming in) {
            const Tensor first = kept_self.unpack(), second = kept_mat2.unpack(), ends = kept_offs.unpack();
            Tensor grad2 = in.needs(1) ? grouped_mat2_grad(in.grad(), first, ends, columns2) : Tensor();
            Tensor grad1 = in.needs(0) ? grouped_mat1_grad(in.grad(), second, ends, columns1) : Tensor();
            return Tensors{std::move(grad1), std::move(grad2)};
        });
    }
    return result;
}

Tensor baddbmm(const Tensor& self, const Tensor& batch1, const Tensor& batch2, bool self_scaled, bool scaled) {
    if (autocasts(batch1)) {
        const Tensor third = in_lower_precision(batch2), second = in_lower_precision(batch1),
                     first = in_lower_precision(self);
        const AutocastOff off(batch1.device());
        return baddbmm(first, second, third, self_scaled, scaled);
    }
    keeps_factors(batch1, batch2);
    Tensor result = plain_bmm(batch1, batch2);
    if (History history{"BaddbmmBackward0", {&self, &batch1, &batch2}}) {
        const Saved kept1 = history.needs(2) ? history.save(batch1) : Saved();
        const Saved kept2 = history.needs(1) ? history.save(batch2) : Saved();
        history.of(result, [kept1, kept2, self_scaled, scaled](Incoming in) {
            const Tensor first = kept1.unpack(), second = kept2.unpack();
            const auto times = [](bool scales, const Tensor& grad) { return scales ? mul_scalar(grad) : grad; };
            Tensor grad1, grad2;
            if (in.needs(1)) grad1 = times(scaled, plain_bmm(in.grad(), transpose(second, 1, 2)));
            if (in.needs(2)) grad2 = times(scaled, plain_bmm(transpose(first, 1, 2), in.grad()));
            Tensor grad = in.needs(0) ? times(self_scaled, in.grad()) : Tensor();
            return Tensors{std::move(grad), std::move(grad1), std::move(grad2)};
        });
    }
    return result;
}

namespace {

/// Whether a product of a tensor with a matrix is done as one of matrices (should_fold).
bool should_fold(const Tensor& a, const Tensor& b) {
    const Tensor& larger = a.dim() >= b.dim() ? a : b;
    const Tensor& smaller = a.dim() >= b.dim() ? b : a;
    if (larger.dim() < 3 || smaller.dim() > 2) return false;
    if (smaller.requires_grad() && larger.device().grad_enabled) return true;
    if (a.dim() == 2) return false;
    if (larger.numel() == 0) return true;
    // Its leading dimensions lie in one run.
    for (std::int64_t i = 0; i + 2 < larger.dim(); ++i)
        if (larger.stride(i) != larger.size(i + 1) * larger.stride(i + 1)) return false;
    return true;
}

Sizes with_last(const Sizes& sizes, std::size_t kept, std::initializer_list<std::int64_t> last) {
    Sizes result(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(kept));
    for (const std::int64_t size : last) result.push_back(size);
    return result;
}

}  // namespace

Tensor matmul(const Tensor& self, const Tensor& other) {
    if (autocasts(self)) {
        const Tensor second = in_lower_precision(other), first = in_lower_precision(self);
        const AutocastOff off(self.device());
        return matmul(first, second);
    }
    if (self.dim() == 1 && other.dim() == 1) {  // a dot product
        const Tensor row = unsqueeze(self, 0), column = unsqueeze(other, 1);
        return reshape(mm(row, column), {});
    }
    if (self.dim() == 2 && other.dim() == 1) return mv(self, other);
    if (self.dim() == 1 && other.dim() == 2) return reshape(mm(unsqueeze(self, 0), other), {other.size(1)});
    if (self.dim() == 2 && other.dim() == 2) return mm(self, other);
    if (should_fold(self, other)) {
        const bool swapped = other.dim() > self.dim();
        const Tensor larger = swapped ? transpose(other, -2, -1) : self;
        const Tensor smaller = !swapped ? other : self.dim() == 2 ? t(self) : self;
        const auto leading = static_cast<std::size_t>(larger.dim()) - 1;
        const Tensor folded = reshape(larger, {product(with_last(larger.sizes(), leading, {})), larger.size(-1)});
        if (smaller.dim() == 1) return unsafe_view(mv(folded, smaller), with_last(larger.sizes(), leading, {}));
        const Tensor result = unsafe_view(mm(folded, smaller), with_last(larger.sizes(), leading, {smaller.size(1)}));
        return swapped ? contiguous_copy(transpose(result, -2, -1)) : result;
    }
    const Tensor left = self.dim() == 1 ? unsqueeze(self, 0) : self;
    const Tensor right = other.dim() == 1 ? unsqueeze(other, 1) : other;
    const auto batch1 = static_cast<std::size_t>(left.dim()) - 2, batch2 = static_cast<std::size_t>(right.dim()) - 2;
    const Sizes batch = broadcast(with_last(left.sizes(), batch1, {}), with_last(right.sizes(), batch2, {}));
    const std::int64_t count = product(batch);
    const auto flat = [&](const Tensor& tensor) {
        const Sizes wanted = with_last(batch, batch.size(), {tensor.size(-2), tensor.size(-1)});
        return reshape(tensor.sizes() == wanted ? tensor : expand(tensor, wanted),
                       {count, tensor.size(-2), tensor.size(-1)});
    };
    const Tensor flat1 = flat(left), flat2 = flat(right);
    Sizes sizes = batch;
    if (self.dim() > 1) sizes.push_back(left.size(-2));
    if (other.dim() > 1) sizes.push_back(right.size(-1));
    return unsafe_view(bmm(flat1, flat2), sizes);
}

Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias) {
    if (autocasts(input)) {
        const Tensor b = in_lower_precision(bias), w = in_lower_precision(weight), x = in_lower_precision(input);
        const AutocastOff off(input.device());
        return linear(x, w, b);
    }
    if (input.dim() == 2 && bias.defined()) return addmm(bias, input, t(weight));
    if (input.dim() > 2 && bias.defined() && input.is_contiguous()) {  // _flatten_nd_linear
        Sizes sizes = input.sizes();
        sizes.back() = weight.size(0);
        const std::int64_t rows = product(Sizes(sizes.begin(), sizes.end() - 1));
        const Tensor transposed = t(weight);  // before the input, as the compiled call evaluates them
        const Tensor flat = reshape(input, {rows, input.size(-1)});
        return unsafe_view(addmm(bias, flat, transposed), sizes);  // what writes into it in place writes no view
    }
    Tensor output = matmul(input, t(weight));
    return bias.defined() ? add_(output, bias) : output;
}

Tensor bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias) {
    // _trilinear over the output features, one at a time: x₁ᵀ Wₒ x₂ each as a product and a sum.
    Device& device = input1.device();
    const std::int64_t rows = input1.size(-1) == 0 ? 0 : input1.numel() / input1.size(-1);
    const std::int64_t in1 = input1.size(-1), in2 = input2.size(-1), out = weight.size(0),
                       bytes = size_of(input1.dtype());
    Sizes sizes = input1.sizes();
    sizes.back() = out;
    const Tensor sum = empty(device, sizes, input1.dtype());
    for (std::int64_t o = 0; o < out && rows > 0 && !device.given_up(); ++o) {
        const Storage left(device, Integer(rows) * in2 * bytes);
        { const Storage taken = workspace(device); }
        const Storage column(device, Integer(rows) * bytes);
        const Storage taken = workspace(device);
    }
    Tensor result = empty(device, sizes, input1.dtype());
    if (History history{"TrilinearBackward0", {&input1, &weight, &input2}}) {
        history.of(result, [first = history.save(input1), weight = history.save(weight), second = history.save(input2),
                            rows, in1, in2, out, bytes](Incoming in) {
            const Tensor x1 = first.unpack(), w = weight.unpack(), x2 = second.unpack();
            Device& on = w.device();
            Tensor grad1 = in.needs(0) ? empty_like(x1) : Tensor();
            Tensor grad_weight = in.needs(1) ? empty_like(w) : Tensor();
            Tensor grad2 = in.needs(2) ? empty_like(x2) : Tensor();
            for (std::int64_t o = 0; o < out && rows > 0 && in.needs(1) && !on.given_up(); ++o) {
                const Storage scaled(on, Integer(rows) * in2 * bytes);
                const Storage outer(on, Integer(in1) * in2 * bytes);
                const Storage taken = workspace(on);
            }
            return Tensors{std::move(grad1), std::move(grad_weight), std::move(grad2)};
        });
    }
    return bias.defined() ? add_(result, bias) : result;
}

void take_cublas_workspace(Device& device) { const Storage taken = workspace(device); }
void take_cublaslt_workspace(Device& device) { const Storage taken = lt_workspace(device); }

}  // namespace footprint::aten
