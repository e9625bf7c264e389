rebasis_command(area ORDER 42
  SUMMARY "area of a design by component: SRAM, logic, NAND2 equivalents"
  LINK rebasis_area rebasis_config rebasis_bit_pragmatic_spec rebasis_cambricon_x_spec rebasis_diannao_spec
       rebasis_pynq_ternary_spec rebasis_scnn_spec rebasis_smartdeal_spec rebasis_sparse_tensor_core_spec
       rebasis_transposable_spec rebasis_trec_spec fmt::fmt)
