"""Whole networks as people write them by hand: functions, in-place writes, parameters of their own, several outputs."""
import torch
from torch import nn
import torch.nn.functional as F


class UNet(nn.Module):
    """Batch and group norm, transposed convolution and interpolation, skips by cat."""

    def __init__(self, width=16):
        super().__init__()

        def double(inputs, outputs):
            return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
                                 nn.Conv2d(outputs, outputs, 3, padding=1), nn.GroupNorm(4, outputs), nn.LeakyReLU(0.1, inplace=True))
        self.a, self.b, self.c = double(3, width), double(width, 2 * width), double(2 * width, 4 * width)
        self.up1 = nn.ConvTranspose2d(4 * width, 2 * width, 2, 2)
        self.merge1 = double(4 * width, 2 * width)
        self.up2 = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.merge2 = double(3 * width, width)
        self.out = nn.Conv2d(width, 5, 1)

    def forward(self, x):
        a = self.a(x)
        b = self.b(F.max_pool2d(a, 2))
        c = self.c(F.avg_pool2d(b, 2))
        y = self.merge1(torch.cat([self.up1(c), b], 1))
        y = self.merge2(torch.cat((self.up2(y), a), dim=1))
        return self.out(F.dropout2d(y, 0.2, self.training))


def unet():
    return UNet()


class LSTM(nn.Module):
    """A classifier of texts by the last states of both directions."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(500, 64, padding_idx=0)
        self.lstm = nn.LSTM(64, 64, 2, batch_first=True, bidirectional=True, dropout=0.3)
        self.head = nn.Linear(128, 4)

    def forward(self, x):
        _, (hidden, _) = self.lstm(self.embedding(x))
        return self.head(torch.cat((hidden[-1], hidden[-2]), 1))


def lstm():
    return LSTM()


class Speech(nn.Module):
    """A convolution over time, a GRU, the mean."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(40, 64, 3, padding=1)
        self.gru = nn.GRU(64, 64, batch_first=True)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.conv(x.transpose(1, 2))).permute(0, 2, 1)
        y, _ = self.gru(x)
        return self.head(y.mean(1))


def gru_speech():
    return Speech()


def generator():
    """DCGAN's, small."""
    def block(inputs, outputs, kernel, stride, padding):
        return [nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(True)]
    return nn.Sequential(*block(64, 128, 4, 1, 0), *block(128, 64, 4, 2, 1), *block(64, 32, 4, 2, 1), nn.ConvTranspose2d(32, 3, 4, 2, 1),
                         nn.Tanh())


class Encoder(nn.Module):
    """PyTorch's own encoder, norm first, positions added."""

    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.zeros(1, 32, 64))
        layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True, activation="gelu", norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(64)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.norm(self.layers(x + self.positions))[:, 0])


def encoder():
    return Encoder()


class Decoder(nn.Module):
    """PyTorch's own encoder and decoder, with a causal mask."""

    def __init__(self):
        super().__init__()
        self.transformer = nn.Transformer(64, 4, 1, 2, 128, batch_first=True)
        self.head = nn.Linear(64, 20)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.size(1), device=x.device)
        return self.head(self.transformer(x, x, tgt_mask=mask, tgt_is_causal=True))


def decoder():
    return Decoder()


class Tricks(nn.Module):
    """Writes in place wherever autograd allows it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1, groups=4)
        self.scale = nn.Parameter(torch.ones(16, 1, 1))
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = x - x.mean((2, 3), keepdim=True)
        x = x / x.std((2, 3), keepdim=True).clamp(min=1e-5)
        y = self.conv1(x)
        y.mul_(2).add_(1)
        y = F.silu(y, inplace=True)
        z = self.conv2(y)
        z += y
        z = z * self.scale
        z.clamp_(min=0)
        z = z + 1e-6
        z[:, :4] = 0
        z = torch.where(z > 0.5, z, -z)
        z = z.masked_fill(z < 0, 0.0)
        return self.head(z.flatten(2).amax(-1))


def tricks():
    return Tricks()


class Shared(nn.Module):
    """One layer four times, its norm too, and a weight that is used transposed."""

    def __init__(self):
        super().__init__()
        self.inputs = nn.Linear(64, 128)
        self.again = nn.Linear(128, 128)
        self.weight = nn.Parameter(torch.zeros(128, 64))
        self.norm = nn.BatchNorm1d(128)

    def forward(self, x):
        y = torch.tanh(self.inputs(x))
        for _ in range(4):
            y = y + F.gelu(self.norm(self.again(y)))
        return (y @ self.weight) @ self.inputs.weight.t() + y.softmax(-1)


def shared():
    return Shared()


class CharCNN(nn.Module):
    """Kim 2014: windows of three, four and five, the largest of each."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(100, 32)
        self.convs = nn.ModuleList(nn.Conv1d(32, 16, width) for width in (3, 4, 5))
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(48, 3)

    def forward(self, x):
        x = self.embedding(x).transpose(1, 2)
        return self.head(self.dropout(torch.cat([F.relu(conv(x)).max(dim=2)[0] for conv in self.convs], 1)))


def charcnn():
    return CharCNN()


class VAE(nn.Module):
    """Returns its own loss: reconstruction and divergence."""

    def __init__(self):
        super().__init__()
        self.inputs = nn.Linear(784, 256)
        self.mean, self.log_variance = nn.Linear(256, 20), nn.Linear(256, 20)
        self.hidden, self.out = nn.Linear(20, 256), nn.Linear(256, 784)

    def forward(self, x):
        y = F.relu(self.inputs(x))
        mean, log_variance = self.mean(y), self.log_variance(y)
        deviation = torch.exp(0.5 * log_variance)
        z = mean + torch.randn_like(deviation) * deviation
        again = torch.sigmoid(self.out(F.relu(self.hidden(z))))
        divergence = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
        return F.binary_cross_entropy(again, x.clamp(0, 1), reduction="sum") + divergence


def vae():
    return VAE()


class PointNet(nn.Module):
    """Points turned by a learned matrix, the largest of each feature."""

    def __init__(self):
        super().__init__()
        self.turn = nn.Sequential(nn.Conv1d(3, 64, 1), nn.BatchNorm1d(64), nn.ReLU(), nn.Conv1d(64, 9, 1))
        self.conv, self.norm = nn.Conv1d(3, 128, 1), nn.BatchNorm1d(128)
        self.head = nn.Sequential(nn.Linear(128, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        turn = self.turn(x).max(2)[0].view(-1, 3, 3) + torch.eye(3, device=x.device)
        x = torch.bmm(x.transpose(2, 1), turn).transpose(2, 1)
        x = F.relu(self.norm(self.conv(x)))
        return F.log_softmax(self.head(torch.max(x, 2, keepdim=True)[0].view(-1, 128)), dim=1)


def pointnet():
    return PointNet()


class TCN(nn.Module):
    """Bai et al. 2018: dilated convolutions with weight norm, the future cut off."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(
            nn.utils.parametrizations.weight_norm(nn.Conv1d(8 if i == 0 else 32, 32, 3, padding=2 * 2 ** i, dilation=2 ** i))
            for i in range(3))
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        for i, conv in enumerate(self.convs):
            y = conv(x)[:, :, :-2 * 2 ** i].contiguous()
            y = F.dropout(F.elu(y), 0.1, self.training)
            x = y if i == 0 else F.relu(x + y)
        return self.head(x[:, :, -1])


def tcn():
    return TCN()


class Mixture(nn.Module):
    """Every expert runs; the gate weighs them."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(64, 4)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(64, 128), nn.Mish(), nn.Linear(128, 64)) for _ in range(4))

    def forward(self, x):
        weight = F.softmax(self.gate(x), -1)
        return torch.stack([expert(x) for expert in self.experts], 1).mul(weight.unsqueeze(-1)).sum(1)


def moe():
    return Mixture()


class Siren(nn.Module):
    """Sitzmann et al. 2020: a picture as sines of its coordinates."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 64), nn.Linear(64, 64), nn.Linear(64, 3)])

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.sin(30 * layer(x))
        return self.layers[-1](x)


def siren():
    return Siren()


class WaveNet(nn.Module):
    """Gated dilated convolutions, with residues and skips."""

    def __init__(self):
        super().__init__()
        self.inputs = nn.Conv1d(16, 32, 1)
        self.dilated = nn.ModuleList(nn.Conv1d(32, 64, 2, dilation=2 ** i) for i in range(3))
        self.residual = nn.ModuleList(nn.Conv1d(32, 32, 1) for _ in range(3))
        self.skip = nn.ModuleList(nn.Conv1d(32, 32, 1) for _ in range(3))
        self.out = nn.Conv1d(32, 16, 1)

    def forward(self, x):
        x = self.inputs(x)
        skips = 0
        for i, (dilated, residual, skip) in enumerate(zip(self.dilated, self.residual, self.skip)):
            a, b = dilated(F.pad(x, (2 ** i, 0))).chunk(2, 1)
            y = torch.tanh(a) * torch.sigmoid(b)
            skips = skips + skip(y)
            x = x + residual(y)
        return self.out(F.relu(skips))


def wavenet():
    return WaveNet()


def conv3d():
    return nn.Sequential(nn.Conv3d(1, 8, 3, padding=1), nn.BatchNorm3d(8), nn.ReLU(), nn.MaxPool3d(2), nn.Conv3d(8, 16, 3),
                         nn.InstanceNorm3d(16, affine=True), nn.ELU(), nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(16, 4))


class SegNet(nn.Module):
    """The places of a pooling's largest, given back when it is undone."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.c = nn.ConvTranspose2d(32, 16, 3, padding=1)
        self.d = nn.Conv2d(16, 4, 3, padding=1, padding_mode="reflect")
        self.norm, self.prelu = nn.InstanceNorm2d(16), nn.PReLU(16)

    def forward(self, x):
        x, places = F.max_pool2d(self.prelu(self.norm(self.a(x))), 2, return_indices=True)
        x = F.relu6(self.b(x))
        return self.d(F.max_unpool2d(self.c(x), places, 2))


def segnet():
    return SegNet()


class AttentionPool(nn.Module):
    """One learned query for each item of the batch."""

    def __init__(self):
        super().__init__()
        self.query = nn.Parameter(torch.zeros(1, 1, 32))
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True, dropout=0.1)
        self.head = nn.Linear(32, 3)

    def forward(self, x):
        y, _ = self.attention(self.query.expand(x.size(0), -1, -1), x, x, need_weights=False)
        return self.head(y.squeeze(1))


def attention_pool():
    return AttentionPool()


class Capsules(nn.Module):
    """Sabour et al. 2017, two rounds of routing."""

    def __init__(self):
        super().__init__()
        self.conv, self.primary = nn.Conv2d(1, 32, 9), nn.Conv2d(32, 64, 9, 2)
        self.weight = nn.Parameter(torch.zeros(1, 288, 10, 16, 8))

    def forward(self, x):
        x = self.primary(F.relu(self.conv(x))).view(x.size(0), -1, 8)
        squared = (x ** 2).sum(-1, keepdim=True)
        x = x * squared / ((1 + squared) * squared.sqrt())
        votes = (self.weight @ x[:, :, None, :, None]).squeeze(-1)
        logits = torch.zeros_like(votes[..., :1])
        for _ in range(2):
            capsules = F.normalize((logits.softmax(2) * votes).sum(1, keepdim=True), dim=-1)
            logits = logits + (votes * capsules).sum(-1, keepdim=True)
        return capsules.squeeze(1).norm(dim=-1)


def capsule():
    return Capsules()


class Graph(nn.Module):
    """Two graph convolutions over learned edges."""

    def __init__(self):
        super().__init__()
        self.edges = nn.Parameter(torch.zeros(20, 20))
        self.layer1, self.layer2 = nn.Linear(16, 32), nn.Linear(32, 7)

    def forward(self, x):
        edges = F.softmax(F.relu(self.edges), 1)
        x = torch.einsum("ij,bjf->bif", edges, self.layer1(x))
        x = F.dropout(F.relu(x), 0.5, self.training)
        return torch.matmul(edges, self.layer2(x)).logsumexp(1)


def graph():
    return Graph()
