"""Writes the model document of a live PyTorch network; the work is done in the package of the same name beside this file.

  python presets/from_torch.py torchvision:resnet50 --input 3,224,224 > resnet50.json
"""
import sys

from from_torch.cli import main

if __name__ == "__main__":
    sys.exit(main())
