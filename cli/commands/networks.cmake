find_package(fmt REQUIRED)
find_package(TBB REQUIRED)
rebasis_command(networks ORDER 28
  SUMMARY "the networks of the papers: show them, export them as ONNX, make synthetic traces"
  SOURCES networks/show.cpp
  LINK rebasis_command_compress_report rebasis_synthetic TBB::tbb fmt::fmt)

# ONNX files need libonnx, which lives beside libtorch; the plain program hands the export over.
if(TARGET rebasis_command_networks)
  rebasis_part(rebasis_command_networks_hand_over SOURCES networks/export_elsewhere.cpp LINK rebasis_cli)
  set_property(GLOBAL APPEND PROPERTY REBASIS_COMMANDS rebasis_command_networks_hand_over)
  if(REBASIS_TORCH)
    rebasis_part(rebasis_command_networks_export SOURCES networks/export_onnx.cpp LINK rebasis_cli rebasis_graph rebasis_synthetic fmt::fmt)
    set_property(GLOBAL APPEND PROPERTY REBASIS_TORCH_COMMANDS rebasis_command_networks rebasis_command_networks_export)
  endif()
endif()
