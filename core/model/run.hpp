// How the model is run: what the reader sets beside the document.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace footprint {

inline constexpr std::int64_t kMostBatch = std::int64_t{1} << 48;
inline constexpr std::int64_t kMostBytesPerValue = 16;

/// A word that a setting may be, and what runs then. The first of a list is what runs where nothing is said.
struct Word {
    std::string_view word, meaning;
};
inline constexpr std::array kModes{
    Word{"train", "forward, loss, backward, optimizer"},
    Word{"forward", "the forward pass of training"},
    Word{"eval", "model.eval(), gradients recorded"},
    Word{"inference", "model.eval() under no_grad"},
};
inline constexpr std::array kPrecisions{
    Word{"fp32", "float32"},      Word{"amp-fp16", "autocast float16"}, Word{"amp-bf16", "autocast bfloat16"},
    Word{"fp16", "model.half()"}, Word{"bf16", "model.bfloat16()"},
};
inline constexpr std::array kLosses{
    Word{"none", "none"},
    Word{"ce", "cross_entropy"},
    Word{"mse", "mse_loss"},
    Word{"pow2", "output.pow(2).mean()"},
    Word{"sum", "output.sum()"},
    Word{"misa", "MISA, of DAVEnet"},
    Word{"model", "made by the model"},
};
inline constexpr std::array kReleases{
    Word{"2.15", "PyTorch 2.15"},
    Word{"2.6", "PyTorch 2.6, which keeps cuBLAS's workspaces"},
};
inline constexpr std::array kAttentionBackends{
    Word{"math", "SDPBackend.MATH"},
    Word{"efficient", "SDPBackend.EFFICIENT_ATTENTION"},
    Word{"flash", "SDPBackend.FLASH_ATTENTION"},
    Word{"cudnn", "SDPBackend.CUDNN_ATTENTION"},
};

/// torch.optim's arguments that decide memory. A name of OPTIMIZERS (optimizers.def); "none": gradients alone.
struct Optimizer {
    std::string name = "sgd";
    double momentum = 0;
    bool nesterov = false, amsgrad = false, centered = false;
    double weight_decay = 0;
    std::optional<bool> foreach;  // none: PyTorch's default, which on a GPU is yes
    bool fused = false;
};

/// PYTORCH_ALLOC_CONF and set_per_process_memory_fraction.
struct AllocatorOptions {
    bool expandable_segments = false;
    std::optional<std::int64_t> max_split_size_mb;
    std::int64_t roundup_power2_divisions = 0;
    double garbage_collection_threshold = 0;
    std::optional<double> memory_fraction;
};

/// How the step is run; the notebook's method knows none of it.
struct Training {
    std::string mode{kModes.front().word};
    std::string precision{kPrecisions.front().word};
    std::string loss;  // empty: the model's
    Optimizer optimizer;
    bool zero_grad_to_none = true;
    std::int64_t accumulate = 1;                  // micro-batches a step
    std::vector<std::string> checkpoint, freeze;  // patterns over dotted paths
    bool ema = false, clip_norm = false, channels_last = false, input_grad = false, fresh_batch = false;
    std::int64_t steps = 3;
    std::string sdpa;  // a forced attention backend
    AllocatorOptions allocator;
    std::string torch{kReleases.front().word};
    std::optional<std::int64_t> cudnn_workspace, context;  // bytes
};

struct Run {
    std::optional<std::int64_t> batch;  // items; left out: 1 (torchsummary's print then says -1, as its own default)
    std::int64_t bytes_per_value = 4;   // of the notebook's method alone
    std::vector<std::pair<std::string, std::vector<std::int64_t>>>
        inputs;         // other sizes than the model's, by input name
    Training training;  // never changes the notebook's

    [[nodiscard]] std::int64_t items() const { return batch.value_or(1); }
};

}  // namespace footprint
