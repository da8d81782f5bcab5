// Device: where a training step happens. Nothing is computed on it; it writes down what PyTorch would ask of the
// caching allocator, in order, and knows what decides that: the card's properties and PyTorch's modes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/integer.hpp"
#include "kernels/ref.hpp"
#include "model/dtype.hpp"

namespace footprint::aten {

class Recomputation;
struct TensorImpl;

/// Of the card, as torch.cuda.get_device_properties names them, and of the PyTorch that runs on it.
struct Properties {
    std::int32_t compute_capability = 80;  // major × 10 + minor
    std::int32_t multi_processor_count = 108;
    std::int32_t max_threads_per_multi_processor = 2048;
    bool persistent_workspaces = false;  // up to PyTorch 2.6 cuBLAS keeps one for each thread
};

/// What a convolution of cuDNN takes while it runs, which only the library knows: nothing, as PyTorch's bookkeeping is
/// recorded; what its usual engines need; what the hungriest of its documented ones needs; a given size.
enum class Workspaces : std::uint8_t { none, likely, high, given };

/// What a block is for. The names are those of tests/golden/step.
enum class BlockKind : std::uint8_t {
    parameter,
    buffer,
    input,
    gradient,
    optimizer_state,
    grad_scaler,
    ema,
    output,
    activation,           // made in forward, alive when backward begins
    activation_gradient,  // made in backward, outlives the node that made it
    workspace,
    temporary
};
inline constexpr std::size_t kBlockKinds = 12;
[[nodiscard]] std::string_view name_of(BlockKind kind);

/// What makes a convolution's workspace. Alone among kernels it can do without: PyTorch catches that there is no memory
/// and takes cuDNN's next engine (aten/src/ATen/native/cudnn/Conv_v8.cpp).
inline constexpr std::string_view kCudnnConvolution = "cudnn_convolution";

/// One request to the allocator.
struct Allocation {
    std::int64_t bytes = 0;    // asked for
    std::int32_t row = -1;     // of the model, from 0; -1: none
    std::string_view made_by;  // the kernel or the autograd node
    BlockKind kind = BlockKind::temporary;
};

/// An allocation being made, or given back.
struct Event {
    std::int32_t allocation = 0;
    bool frees = false;
};

inline constexpr std::size_t kMostEvents = 8'000'000;  // of a program: a hostile document must not fill memory

class Device {
 public:
    explicit Device(const Properties& properties);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    /// Asks for so many bytes; returns the allocation's number, or -1 for none at all.
    std::int32_t allocate(Integer bytes);
    void free(std::int32_t allocation);
    /// cuBLAS's workspace of the running thread, where it is kept from the first matrix product on.
    void keep_workspace(std::int64_t bytes);
    /// cuDNN's state of random numbers for dropout between recurrent layers, made once. Its size is the library's own.
    void keep_dropout_state();

    Properties properties;
    std::vector<Allocation> allocations;
    std::vector<Event> events;
    std::size_t most_events = kMostEvents;
    bool too_many = false;    // more allocations than a program may have; it is of no use then
    bool overflowed = false;  // a size did not fit 64 bits; the program is of no use then

    /// Nothing more is worth doing.
    [[nodiscard]] bool given_up() const { return overflowed || too_many; }

    // PyTorch's modes
    bool grad_enabled = true;
    std::int64_t next_sequence = 0;  // of autograd nodes
    bool in_backward = false;
    bool halted = false;                     // a recomputation has all it wants: nothing more is made
    Recomputation* recomputation = nullptr;  // the checkpointed region that runs
    std::optional<DType> autocast;           // the type that torch.autocast casts to
    std::vector<std::pair<TensorImpl*, Ref<TensorImpl>>> autocast_cache;  // parameters cast, until it is left

    // what is being run, for the allocations that come
    std::int32_t row = -1;
    std::string_view kernel;
    BlockKind kind = BlockKind::temporary;

    Workspaces workspaces = Workspaces::none;
    std::vector<std::pair<std::int32_t, std::int64_t>> likely_workspaces;  // of Workspaces::high: allocation, bytes
    std::int64_t cudnn_workspace = 0;  // of Workspaces::given: bytes that every convolution takes while it runs

 private:
    Integer alive_ = 0;
    bool has_dropout_state_ = false;
    bool has_workspace_[2] = {false, false};  // of the forward's and the backward's thread
};

/// A stretch of the program in which another thing holds, set back at its end.
template <class T>
class Within {
 public:
    Within(T& variable, T value) : variable_(variable), before_(variable) { variable_ = value; }
    ~Within() { variable_ = before_; }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;

 private:
    T& variable_;
    T before_;
};

}  // namespace footprint::aten
