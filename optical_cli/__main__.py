"""`python -m optical_cli`, which `torchrun -m` and `accelerate launch -m` start."""

from optical_cli.app import main

main()
