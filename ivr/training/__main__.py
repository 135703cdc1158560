"""``python -m ivr.training STEP``: how the shipped speech model is made, see docs/training.md."""

from ivr.training.cli import steps

if __name__ == "__main__":
    steps()
