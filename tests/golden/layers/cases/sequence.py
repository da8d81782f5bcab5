"""Embeddings, recurrent layers and their cells, attention."""
from .table import Table, ids, mask, tensor

table = Table()
add, rows = table.add, table.rows

add("Embedding", ids(7), num_embeddings=10, embedding_dim=8)
add("Embedding", ids(), num_embeddings=10, embedding_dim=8)
add("Embedding", ids(3, 7), num_embeddings=10, embedding_dim=8, padding_idx=0)
add("Embedding", tensor([7], "int32"), num_embeddings=10, embedding_dim=8)
add("Embedding", ids(7), num_embeddings=10, embedding_dim=8, padding_idx=-1)
add("Embedding", ids(7), num_embeddings=10, embedding_dim=8, scale_grad_by_freq=True, sparse=True)
add("Embedding", ids(7), num_embeddings=10, embedding_dim=8, padding_idx=10, fails=("padding_idx", "out-of-range"))
add("Embedding", [7], num_embeddings=10, embedding_dim=8, fails=(None, "wrong-dtype"))
add("Embedding", ids(7), num_embeddings=-1, embedding_dim=8, fails=("num_embeddings", "out-of-range"))
rows(ids(7, 3), [{"op": "transpose", "dim0": 1, "dim1": 2}, {"op": "Embedding", "num_embeddings": 10, "embedding_dim": 8}])
add("embedding", ids(7), parameters={"w": [10, 8]}, weight="w")
add("embedding", ids(7), parameters={"w": [10, 8]}, of=["x", "w"], padding_idx=0)
add("embedding", ids(7), parameters={"w": [10]}, weight="w", fails=("weight", "wrong-rank"))
add("embedding", [7], parameters={"w": [10, 8]}, weight="w", fails=(None, "wrong-dtype"))
for mode in ("mean", "sum", "max"):
    add("EmbeddingBag", ids(7), num_embeddings=10, embedding_dim=8, mode=mode)
add("EmbeddingBag", {"x": tensor([12], "int64", batch_dim=None), "o": ids()}, num_embeddings=10, embedding_dim=8)
add("EmbeddingBag", {"x": tensor([12], "int64", batch_dim=None), "o": ids()}, num_embeddings=10, embedding_dim=8, include_last_offset=True)
add("EmbeddingBag", {"x": ids(7), "w": [7]}, of=["x"], num_embeddings=10, embedding_dim=8, mode="sum", per_sample_weights="w")
add("EmbeddingBag", {"x": ids(7), "w": [7]}, of=["x"], num_embeddings=10, embedding_dim=8, mode="mean", per_sample_weights="w",
    fails=("per_sample_weights", "out-of-range"))
add("EmbeddingBag", ids(7), num_embeddings=10, embedding_dim=8, mode="min", fails=("mode", "unknown-word"))
add("EmbeddingBag", {"x": ids(7), "o": ids()}, num_embeddings=10, embedding_dim=8, fails=(None, "wrong-input-count"))
add("EmbeddingBag", ids(), num_embeddings=10, embedding_dim=8, fails=(None, "wrong-input-count"))
add("EmbeddingBag", ids(7, 3), num_embeddings=10, embedding_dim=8, fails=(None, "wrong-rank"))

time_first = tensor([7, 8], batch_dim=1)
for op in ("RNN", "LSTM", "GRU"):
    states = 2 if op == "LSTM" else 1
    for more in ({}, {"num_layers": 3}, {"bidirectional": True}, {"bias": False}, {"num_layers": 2, "bidirectional": True, "bias": False},
                 {"num_layers": 2, "dropout": 0.3}):
        add(op, [7, 8], hidden_size=5, batch_first=True, **more)
        add(op, time_first, hidden_size=5, **more)
    add(op, [7, 8], hidden_size=5)  # without batch_first the batch stands where time is meant
    add(op, [7, 8], input_size=8, hidden_size=5, batch_first=True)
    add(op, [1, 8], hidden_size=5, batch_first=True)
    add(op, [7, 8], input_size=9, hidden_size=5, batch_first=True, fails=("input_size", "shape-mismatch"))
    add(op, [3, 7, 8], hidden_size=5, fails=(None, "wrong-rank"))
    add(op, [7, 8], hidden_size=0, batch_first=True, fails=("hidden_size", "out-of-range"))
    add(op, [7, 8], hidden_size=5, num_layers=0, batch_first=True, fails=("num_layers", "out-of-range"))
    add(op, [7, 8], hidden_size=5, dropout=1.5, num_layers=2, fails=("dropout", "out-of-range"))
    add(op, tensor([7, 8], "bfloat16"), hidden_size=5, fails=(None, "wrong-dtype"))
    state = lambda layers, size=5: tensor([layers, size], batch_dim=1)
    names = {"h": state(2)} | ({"c": state(2)} if op == "LSTM" else {})
    add(op, {"x": [7, 8]} | names, hidden_size=5, num_layers=2, batch_first=True)
    add(op, {"x": time_first} | names, hidden_size=5, bidirectional=True)
    add(op, {"x": [7, 8]} | names, hidden_size=5, batch_first=True, fails=(None, "shape-mismatch"))
    add(op, {"x": [7, 8]} | {name: state(1, 6) for name in names}, hidden_size=5, batch_first=True, fails=(None, "shape-mismatch"))
    rows([8, 7], [{"op": "permute", "dims": [2, 0, 1]}, {"op": op, "hidden_size": 5}])
    rows([7, 8], [{"op": op, "name": "rnn", "hidden_size": 5, "batch_first": True}, {"op": "getitem", "inputs": ["rnn:1"], "index": [-1]}])
for more in ({}, {"num_layers": 2}, {"bidirectional": True}, {"num_layers": 3, "bidirectional": True, "bias": False}):
    add("LSTM", [7, 8], hidden_size=6, proj_size=4, batch_first=True, **more)
    add("LSTM", time_first, hidden_size=6, proj_size=4, **more)
add("LSTM", {"x": [7, 8], "h": tensor([1, 4], batch_dim=1), "c": tensor([1, 6], batch_dim=1)}, hidden_size=6, proj_size=4, batch_first=True)
add("LSTM", [7, 8], hidden_size=6, proj_size=6, fails=("proj_size", "out-of-range"))
add("LSTM", [7, 8], hidden_size=6, proj_size=-1, fails=("proj_size", "out-of-range"))
add("GRU", [7, 8], hidden_size=6, proj_size=4, fails=("proj_size", "unknown-attribute"))
add("RNN", [7, 8], hidden_size=6, nonlinearity="relu", batch_first=True)
add("RNN", [7, 8], hidden_size=6, nonlinearity="gelu", fails=("nonlinearity", "unknown-word"))
for op in ("RNNCell", "LSTMCell", "GRUCell"):
    add(op, [8], hidden_size=5)
    add(op, [8], hidden_size=5, bias=False)
    add(op, [8], input_size=9, hidden_size=5, fails=("input_size", "shape-mismatch"))
    states = {"h": [5]} | ({"c": [5]} if op == "LSTMCell" else {})
    add(op, {"x": [8]} | states, hidden_size=5)
    add(op, {"x": [8]} | {name: [6] for name in states}, hidden_size=5, fails=(None, "shape-mismatch"))
    add(op, [7, 8], hidden_size=5, fails=(None, "wrong-rank"))
add("RNNCell", [8], hidden_size=5, nonlinearity="relu")

def qkv(query, key, value):
    return {"q": query, "k": key, "v": value}
E = [7, 12]
for more in ({}, {"bias": False}, {"dropout": 0.1}, {"need_weights": False}, {"average_attn_weights": False}, {"add_bias_kv": True},
             {"add_zero_attn": True}, {"add_bias_kv": True, "add_zero_attn": True, "average_attn_weights": False}):
    add("MultiheadAttention", E, of=["x", "x", "x"], num_heads=3, batch_first=True, **more)
    add("MultiheadAttention", tensor(E, batch_dim=1), of=["x", "x", "x"], num_heads=4, **more)
add("MultiheadAttention", E, of=["x", "x", "x"], embed_dim=12, num_heads=3, batch_first=True, training=False)
add("MultiheadAttention", qkv(E, [9, 12], [9, 12]), num_heads=3, batch_first=True)
add("MultiheadAttention", qkv(E, [9, 6], [9, 5]), num_heads=3, kdim=6, vdim=5, batch_first=True)
add("MultiheadAttention", qkv(E, [9, 6], [9, 5]), num_heads=3, kdim=6, vdim=5, batch_first=True, bias=False, add_bias_kv=True)
add("MultiheadAttention", qkv(tensor(E, batch_dim=1), tensor([9, 12], batch_dim=1), tensor([9, 12], batch_dim=1)), num_heads=3, need_weights=False)
add("MultiheadAttention", {"x": E, "p": mask(7)}, of=["x", "x", "x"], num_heads=3, batch_first=True, key_padding_mask="p")
add("MultiheadAttention", {"x": E, "m": tensor([7, 7], "bool", batch_dim=None)}, of=["x", "x", "x"], num_heads=3, batch_first=True, attn_mask="m")
add("MultiheadAttention", {"x": E, "m": tensor([7, 7], batch_dim=None)}, of=["x", "x", "x"], num_heads=3, batch_first=True, attn_mask="m", is_causal=True,
    need_weights=False)
add("MultiheadAttention", {"x": E, "m": tensor([7, 8], "bool", batch_dim=None)}, of=["x", "x", "x"], num_heads=3, batch_first=True, attn_mask="m",
    fails=("attn_mask", "shape-mismatch"))
add("MultiheadAttention", E, of=["x", "x", "x"], num_heads=5, batch_first=True, fails=("num_heads", "not-divisible"))
add("MultiheadAttention", E, of=["x", "x", "x"], num_heads=0, batch_first=True, fails=("num_heads", "out-of-range"))
add("MultiheadAttention", E, of=["x", "x", "x"], embed_dim=15, num_heads=3, batch_first=True, fails=("embed_dim", "shape-mismatch"))
add("MultiheadAttention", E, of=["x", "x", "x"], num_heads=3, kdim=6, batch_first=True, fails=("kdim", "shape-mismatch"))
add("MultiheadAttention", qkv(E, [9, 12], [8, 12]), num_heads=3, batch_first=True, fails=(None, "shape-mismatch"))
add("MultiheadAttention", [3, 7, 12], of=["x", "x", "x"], num_heads=3, fails=(None, "wrong-rank"))

SDPA = "scaled_dot_product_attention"
H = [3, 7, 4]
attend = lambda inputs, **more: add(SDPA, inputs, strides=False, **more)
attend(qkv(H, H, H))
attend(qkv(H, [3, 9, 4], [3, 9, 4]))
attend(qkv(H, [3, 9, 4], [3, 9, 6]))
attend(qkv([7, 4], [7, 4], [7, 4]))
attend(qkv(H, H, H), is_causal=True, scale=0.25)
attend(qkv(H, H, H), dropout_p=0.1)
attend(qkv(H, H, H) | {"m": tensor([7, 7], "bool", batch_dim=None)}, of=["q", "k", "v"], attn_mask="m")
attend(qkv(H, H, H) | {"m": [1, 1, 7]}, of=["q", "k", "v"], attn_mask="m")
attend(qkv(H, H, H) | {"m": [3, 7, 8]}, of=["q", "k", "v"], attn_mask="m", fails=("attn_mask", "shape-mismatch"))
attend(qkv(H, H, H) | {"m": tensor([7, 7], "bool", batch_dim=None)}, of=["q", "k", "v"], attn_mask="m", is_causal=True, fails=("is_causal", "out-of-range"))
attend(qkv([4, 7, 4], [2, 7, 4], [2, 7, 4]), enable_gqa=True)
attend(qkv([4, 7, 4], [2, 7, 4], [2, 7, 4]), fails=(None, "shape-mismatch"))
attend(qkv([4, 7, 4], [3, 7, 4], [3, 7, 4]), enable_gqa=True, fails=("enable_gqa", "not-divisible"))
attend(qkv(H, [3, 7, 5], [3, 7, 5]), fails=(None, "shape-mismatch"))
attend(qkv(H, H, [3, 8, 4]), fails=(None, "shape-mismatch"), device="meta")  # the CPU reads past the end
attend(qkv(*[tensor(H, "float16")] * 3))
attend(qkv(H, tensor(H, "float16"), H), fails=(None, "wrong-dtype"))
# heads split off one projection: every fused kernel of a GPU keeps the layout of the query, so joining them again is a view
B = {"batch": 1}
rows([7, 36], [{"op": "reshape", "shape": [B, 7, 3, 3, 4]}, {"op": "permute", "dims": [2, 0, 3, 1, 4]}, {"op": "unbind", "name": "qkv"},
               {"op": SDPA, "inputs": ["qkv", "qkv:1", "qkv:2"]}], device="cpu")
rows([7, 36], [{"op": "reshape", "shape": [B, 7, 3, 3, 4]}, {"op": "permute", "dims": [2, 0, 3, 1, 4]}, {"op": "unbind", "name": "qkv"},
               {"op": SDPA, "inputs": ["qkv", "qkv:1", "qkv:2"], "name": "a"}, {"op": "transpose", "dim0": 1, "dim1": 2}, {"op": "reshape", "shape": [B, 7, 12]}],
     device="cpu")

logits = [10]
for more in ({}, {"reduction": "none"}, {"reduction": "sum"}, {"label_smoothing": 0.1}, {"ignore_index": 0}):
    add("cross_entropy", {"x": logits, "y": ids()}, **more)
    add("cross_entropy", {"x": [10, 7], "y": ids(7)}, **more)
add("cross_entropy", {"x": [10, 4, 5], "y": ids(4, 5)}, reduction="none")
add("cross_entropy", {"x": logits, "y": [10]}, reduction="none")
add("cross_entropy", {"x": logits, "y": ids()}, parameters={"w": [10]}, weight="w")
add("cross_entropy", {"x": logits, "y": ids()}, parameters={"w": [9]}, weight="w", fails=("weight", "shape-mismatch"))
add("cross_entropy", {"x": [10, 7], "y": ids(8)}, fails=(None, "shape-mismatch"))
add("cross_entropy", {"x": logits, "y": ids()}, reduction="max", fails=("reduction", "unknown-word"))
add("mse_loss", {"x": [6, 5], "y": [6, 5]})
add("mse_loss", {"x": [6, 5], "y": [6, 5]}, reduction="none")
add("mse_loss", {"x": [6, 5], "y": [1, 5]}, reduction="sum")
add("mse_loss", {"x": [6, 5], "y": [6, 4]}, fails=(None, "shape-mismatch"))

CASES = table.cases
