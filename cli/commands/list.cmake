# A new kind of list is a file in cli/list/ and a line here. A new accelerator's parameters are a part in LINK.
rebasis_command(list ORDER 95
  SUMMARY "show the accelerators, recipes, networks and parameters there are"
  SOURCES list/data_files.cpp list/networks.cpp list/parameters.cpp list/shipped.cpp
  LINK rebasis_common rebasis_text rebasis_config rebasis_bit_pragmatic_spec rebasis_smartdeal_spec)
