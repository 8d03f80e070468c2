"""What any training run is run by: steps, checkpoints, curves, processes, memory."""
