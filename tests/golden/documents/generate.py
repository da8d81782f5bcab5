"""Documents of the larger torchvision networks: plain lists made from the networks' own description, without torch.

  python generate.py      writes resnet18, resnet50, mobilenet_v2, densenet121, inception_v3 and vit_b_16 beside this file,
                          and index.json, which says for every golden print its document, its batch and where it crashes

Structure and names are torchvision 0.29's (torchvision/models/*.py); rows follow each network's forward(), line by line.
"""
import json, pathlib
from layout import lay_out

HERE = pathlib.Path(__file__).resolve().parent
IMAGE = [{"name": "input", "shape": [3, 224, 224]}]


def write(name, layers, inputs=IMAGE, **more):
    document = {"format": "footprint/model", "version": 1, "name": name, "source": f"torchvision.models.{name}",
                "inputs": inputs, "layers": layers, **more, "loss": "ce"}
    (HERE / (name + ".json")).write_text(lay_out(document), "utf-8")


def conv(name, out, kernel, **more):
    """A convolution without bias, as nearly all before a batch norm; pass bias=True for the other kind."""
    row = {"op": "Conv2d", "name": name, "out_channels": out, "kernel_size": kernel, **more}
    if not row.pop("bias", False):
        row["bias"] = False
    return row


def norm(name, **more):
    return {"op": "BatchNorm2d", "name": name, **more}


def relu(name):
    return {"op": "ReLU", "name": name, "inplace": True}


def block(cls, name, **more):
    return {"op": "Block", "class": cls, "name": name, **more}


# ---------------------------------------------------------------- resnet.py
def residual(path, before, convolutions, cls, downsample):
    """BasicBlock or Bottleneck; convolutions: (out_channels, kernel, stride) of each. One ReLU, called after each norm."""
    rows = []
    for i, (out, kernel, stride) in enumerate(convolutions, 1):
        more = ({"stride": stride} if stride > 1 else {}) | ({"padding": 1} if kernel == 3 else {})
        rows += [conv(f"{path}.conv{i}", out, kernel, **more), norm(f"{path}.bn{i}")]
        if i < len(convolutions):
            rows.append(relu(path + ".relu") if i == 1 else {"op": "ReLU", "shares": path + ".relu"})
    last, identity = f"{path}.bn{len(convolutions)}", before
    if downsample:
        out, stride = downsample
        rows += [conv(path + ".downsample.0", out, 1, **({"stride": stride} if stride > 1 else {}), inputs=[before]),
                 norm(path + ".downsample.1")]
        identity = path + ".downsample.1"
    rows += [{"op": "add", "inputs": [last, identity], "inplace": True, "scope": path},  # out += identity
             {"op": "ReLU", "shares": path + ".relu"}, block(cls, path)]
    return rows


def resnet(name, depths, bottleneck):
    rows = [conv("conv1", 64, 7, stride=2, padding=3), norm("bn1"), relu("relu"),
            {"op": "MaxPool2d", "name": "maxpool", "kernel_size": 3, "stride": 2, "padding": 1}]
    before, channels = "maxpool", 64
    for stage, depth in enumerate(depths, 1):
        width = 64 * 2 ** (stage - 1)
        out = width * 4 if bottleneck else width
        for i in range(depth):
            stride = 2 if stage > 1 and i == 0 else 1
            layers = [(width, 1, 1), (width, 3, stride), (out, 1, 1)] if bottleneck else [(width, 3, stride), (width, 3, 1)]
            path = f"layer{stage}.{i}"
            rows += residual(path, before, layers, "Bottleneck" if bottleneck else "BasicBlock",
                             (out, stride) if stride > 1 or channels != out else None)
            before, channels = path, out
    rows += [{"op": "AdaptiveAvgPool2d", "name": "avgpool", "output_size": [1, 1]}, {"op": "flatten", "start_dim": 1},
             {"op": "Linear", "name": "fc", "out_features": 1000}]
    write(name, rows)


# ---------------------------------------------------------------- mobilenetv2.py
def mobilenet_v2():
    def conv_norm_relu6(path, out, kernel, **more):
        return [conv(path + ".0", out, kernel, **more), norm(path + ".1"), {"op": "ReLU6", "name": path + ".2", "inplace": True}]

    rows = conv_norm_relu6("features.0", 32, 3, stride=2, padding=1)
    before, channels, index = "features.0.2", 32, 0
    for expand, out, repeat, first_stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                              (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(repeat):
            index += 1
            path, stride, hidden, k = f"features.{index}", first_stride if i == 0 else 1, channels * expand, 0
            if expand != 1:
                rows += conv_norm_relu6(f"{path}.conv.0", hidden, 1)
                k = 1
            rows += conv_norm_relu6(f"{path}.conv.{k}", hidden, 3, **({"stride": stride} if stride > 1 else {}), padding=1,
                                    groups=hidden)
            rows += [conv(f"{path}.conv.{k + 1}", out, 1), norm(f"{path}.conv.{k + 2}")]
            if stride == 1 and channels == out:
                rows.append({"op": "add", "inputs": [before, f"{path}.conv.{k + 2}"], "scope": path})
            rows.append(block("InvertedResidual", path))
            before, channels = path, out
    rows += conv_norm_relu6("features.18", 1280, 1)
    rows += [{"op": "adaptive_avg_pool2d", "output_size": [1, 1]}, {"op": "flatten", "start_dim": 1},
             {"op": "Dropout", "name": "classifier.0", "p": 0.2}, {"op": "Linear", "name": "classifier.1", "out_features": 1000}]
    write("mobilenet_v2", rows)


# ---------------------------------------------------------------- densenet.py
def densenet121():
    rows = [conv("features.conv0", 64, 7, stride=2, padding=3), norm("features.norm0"), relu("features.relu0"),
            {"op": "MaxPool2d", "name": "features.pool0", "kernel_size": 3, "stride": 2, "padding": 1}]
    before, channels = "features.pool0", 64
    for b, depth in enumerate((6, 12, 24, 16), 1):
        path = f"features.denseblock{b}"
        features = [before]
        for i in range(1, depth + 1):
            layer = f"{path}.denselayer{i}"
            rows += [{"op": "cat", "inputs": list(features), "dim": 1, "scope": layer},
                     norm(layer + ".norm1"), relu(layer + ".relu1"), conv(layer + ".conv1", 128, 1),
                     norm(layer + ".norm2"), relu(layer + ".relu2"), conv(layer + ".conv2", 32, 3, padding=1),
                     block("_DenseLayer", layer, called_with="list")]
            features.append(layer)
        rows += [{"op": "cat", "inputs": features, "dim": 1, "scope": path}, block("_DenseBlock", path)]
        channels += depth * 32
        if b < 4:
            path = f"features.transition{b}"
            channels //= 2
            rows += [norm(path + ".norm"), relu(path + ".relu"), conv(path + ".conv", channels, 1),
                     {"op": "AvgPool2d", "name": path + ".pool", "kernel_size": 2, "stride": 2}]
            before = path + ".pool"
    rows += [norm("features.norm5"), {"op": "relu", "inplace": True}, {"op": "adaptive_avg_pool2d", "output_size": [1, 1]},
             {"op": "flatten", "start_dim": 1}, {"op": "Linear", "name": "classifier", "out_features": 1000}]
    write("densenet121", rows)


# ---------------------------------------------------------------- inception.py
def basic(path, out, kernel, before=None, **more):
    inputs = {"inputs": [before]} if before else {}
    return [conv(path + ".conv", out, kernel, **more) | inputs, norm(path + ".bn", eps=0.001),
            {"op": "relu", "inplace": True, "scope": path}, block("BasicConv2d", path)]


def inception(path, cls, before, branches):
    """branches: lists of steps, each ("name", out, kernel, more), ("avg",), ("max",), or ("fork", step, step); then one cat."""
    rows, ends = [], []
    for number, steps in enumerate(branches):
        at = before
        for step in steps:
            if step[0] in ("avg", "max"):
                at = f"{path}.pooled"
                attributes = {"stride": 1, "padding": 1} if step[0] == "avg" else {"stride": 2}
                rows.append({"op": step[0] + "_pool2d", "name": at, "inputs": [before], "kernel_size": 3, **attributes, "scope": path})
            elif step[0] == "fork":
                pair = [f"{path}.{fork[0]}" for fork in step[1:]]
                for (_, out, kernel, more), name in zip(step[1:], pair):
                    rows += basic(name, out, kernel, at, **more)
                at = f"{path}.joined{number}"
                rows.append({"op": "cat", "name": at, "inputs": pair, "dim": 1, "scope": path})
            else:
                name, out, kernel, more = step
                rows += basic(f"{path}.{name}", out, kernel, at, **more)
                at = f"{path}.{name}"
        ends.append(at)
    return rows + [{"op": "cat", "inputs": ends, "dim": 1, "scope": path}, block(cls, path)]


def inception_v3():
    p0, p1, p2, s2 = {}, {"padding": 1}, {"padding": 2}, {"stride": 2}
    wide, tall = {"padding": [0, 3]}, {"padding": [3, 0]}
    rows = basic("Conv2d_1a_3x3", 32, 3, stride=2) + basic("Conv2d_2a_3x3", 32, 3) + basic("Conv2d_2b_3x3", 64, 3, padding=1)
    rows.append({"op": "MaxPool2d", "name": "maxpool1", "kernel_size": 3, "stride": 2})
    rows += basic("Conv2d_3b_1x1", 80, 1) + basic("Conv2d_4a_3x3", 192, 3)
    rows.append({"op": "MaxPool2d", "name": "maxpool2", "kernel_size": 3, "stride": 2})
    before = "maxpool2"

    def mixed(name, cls, branches):
        nonlocal before
        rows.extend(inception(name, cls, before, branches))
        before = name

    for name, pool in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
        mixed(name, "InceptionA", [
            [("branch1x1", 64, 1, p0)],
            [("branch5x5_1", 48, 1, p0), ("branch5x5_2", 64, 5, p2)],
            [("branch3x3dbl_1", 64, 1, p0), ("branch3x3dbl_2", 96, 3, p1), ("branch3x3dbl_3", 96, 3, p1)],
            [("avg",), ("branch_pool", pool, 1, p0)]])
    mixed("Mixed_6a", "InceptionB", [
        [("branch3x3", 384, 3, s2)],
        [("branch3x3dbl_1", 64, 1, p0), ("branch3x3dbl_2", 96, 3, p1), ("branch3x3dbl_3", 96, 3, s2)],
        [("max",)]])
    for name, c in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        mixed(name, "InceptionC", [
            [("branch1x1", 192, 1, p0)],
            [("branch7x7_1", c, 1, p0), ("branch7x7_2", c, [1, 7], wide), ("branch7x7_3", 192, [7, 1], tall)],
            [("branch7x7dbl_1", c, 1, p0), ("branch7x7dbl_2", c, [7, 1], tall), ("branch7x7dbl_3", c, [1, 7], wide),
             ("branch7x7dbl_4", c, [7, 1], tall), ("branch7x7dbl_5", 192, [1, 7], wide)],
            [("avg",), ("branch_pool", 192, 1, p0)]])
    # InceptionAux, in training mode alone: each of its rows says so
    aux = [{"op": "avg_pool2d", "kernel_size": 5, "stride": 3, "scope": "AuxLogits"}]
    aux += basic("AuxLogits.conv0", 128, 1) + basic("AuxLogits.conv1", 768, 5)
    aux += [{"op": "adaptive_avg_pool2d", "output_size": [1, 1], "scope": "AuxLogits"},
            {"op": "flatten", "start_dim": 1, "scope": "AuxLogits"},
            {"op": "Linear", "name": "AuxLogits.fc", "out_features": 1000}, block("InceptionAux", "AuxLogits")]
    rows.extend(row | {"only": "train"} for row in aux)
    mixed("Mixed_7a", "InceptionD", [
        [("branch3x3_1", 192, 1, p0), ("branch3x3_2", 320, 3, s2)],
        [("branch7x7x3_1", 192, 1, p0), ("branch7x7x3_2", 192, [1, 7], wide), ("branch7x7x3_3", 192, [7, 1], tall),
         ("branch7x7x3_4", 192, 3, s2)],
        [("max",)]])
    a, b = {"padding": [0, 1]}, {"padding": [1, 0]}
    for name in ("Mixed_7b", "Mixed_7c"):
        mixed(name, "InceptionE", [
            [("branch1x1", 320, 1, p0)],
            [("branch3x3_1", 384, 1, p0), ("fork", ("branch3x3_2a", 384, [1, 3], a), ("branch3x3_2b", 384, [3, 1], b))],
            [("branch3x3dbl_1", 448, 1, p0), ("branch3x3dbl_2", 384, 3, p1),
             ("fork", ("branch3x3dbl_3a", 384, [1, 3], a), ("branch3x3dbl_3b", 384, [3, 1], b))],
            [("avg",), ("branch_pool", 192, 1, p0)]])
    rows += [{"op": "AdaptiveAvgPool2d", "name": "avgpool", "output_size": [1, 1]}, {"op": "Dropout", "name": "dropout", "p": 0.5},
             {"op": "flatten", "start_dim": 1}, {"op": "Linear", "name": "fc", "out_features": 1000}]
    write("inception_v3", rows, [{"name": "input", "shape": [3, 299, 299]}],
          outputs=[{"row": "fc", "name": "logits"}, {"row": "AuxLogits", "name": "aux_logits"}], returns="named tuple")


# ---------------------------------------------------------------- vision_transformer.py
def vit_b_16():
    def layer_norm(name, **more):
        return {"op": "LayerNorm", "name": name, "normalized_shape": 768, "eps": 1e-6, **more}

    rows = [conv("conv_proj", 768, 16, stride=16, bias=True), {"op": "reshape", "shape": [{"batch": 1}, 768, 196]},
            {"op": "permute", "name": "patches", "dims": [0, 2, 1]},
            {"op": "expand", "name": "token", "inputs": ["class_token"], "size": [{"batch": 1}, -1, -1]},
            {"op": "cat", "name": "sequence", "inputs": ["token", "patches"], "dim": 1},
            {"op": "add", "inputs": ["sequence", "encoder.pos_embedding"], "scope": "encoder"},
            {"op": "Dropout", "name": "encoder.dropout", "p": 0.0}]
    before = "encoder.dropout"
    for i in range(12):
        path = f"encoder.layers.encoder_layer_{i}"
        ln = path + ".ln_1"
        rows += [layer_norm(ln, inputs=[before]),
                 {"op": "MultiheadAttention", "name": path + ".self_attention", "inputs": [ln, ln, ln], "embed_dim": 768,
                  "num_heads": 12, "batch_first": True, "need_weights": False},
                 {"op": "Dropout", "name": path + ".dropout", "p": 0.0},
                 {"op": "add", "name": path + ".attended", "inputs": [path + ".dropout", before], "scope": path},
                 layer_norm(path + ".ln_2"), {"op": "Linear", "name": path + ".mlp.0", "out_features": 3072},
                 {"op": "GELU", "name": path + ".mlp.1"}, {"op": "Dropout", "name": path + ".mlp.2", "p": 0.0},
                 {"op": "Linear", "name": path + ".mlp.3", "out_features": 768},
                 {"op": "Dropout", "name": path + ".mlp.4", "p": 0.0},
                 {"op": "add", "inputs": [path + ".attended", path + ".mlp.4"], "scope": path}, block("EncoderBlock", path)]
        before = path
    rows += [layer_norm("encoder.ln"), block("Encoder", "encoder"), {"op": "getitem", "index": [":", 0]},
             {"op": "Linear", "name": "heads.head", "out_features": 1000}]
    write("vit_b_16", rows, parameters=[{"path": "encoder.pos_embedding", "shape": [1, 197, 768]},
                                        {"path": "class_token", "shape": [1, 1, 768]}])


# ---------------------------------------------------------------- index.json
PRESETS = {"davenet_audio_t1024": "davenet-audio", "davenet_audio_t2048": "davenet-audio-2048", "davenet_image": "davenet-image",
           "vgg16": "vgg16"}


def index():
    lines = []
    for golden in json.loads((HERE.parent / "torchsummary" / "index.json").read_text("utf-8")):
        crash = golden.get("crash", {}).get("stage")
        network = golden["name"].removesuffix(f"_b{golden['batch']}")
        document = f"presets/{PRESETS[network]}.json" if network in PRESETS else f"tests/golden/documents/{network}.json"
        entry = {"document": document, "batch": golden["batch"], "crash": crash}
        lines.append(f'  {json.dumps(("crashed/" if crash else "") + golden["name"] + ".txt")}: {json.dumps(entry)}')
    (HERE / "index.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    resnet("resnet18", (2, 2, 2, 2), bottleneck=False)
    resnet("resnet50", (3, 4, 6, 3), bottleneck=True)
    mobilenet_v2()
    densenet121()
    inception_v3()
    vit_b_16()
    index()
