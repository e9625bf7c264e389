rebasis_command(memory ORDER 45
  SUMMARY "what memory a training step holds over time, and how much of it is activations"
  LINK rebasis_training_step rebasis_trace fmt::fmt)
