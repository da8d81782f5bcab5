"""Networks that tests are written with."""
from torch import nn


def forward(function, **members):
    """A network of one forward, its modules and parameters given."""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            for name, value in members.items():
                setattr(self, name, value)
    Net.forward = function
    return Net()
