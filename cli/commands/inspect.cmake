# What is counted in a trace; `compare` shows it too.
rebasis_part(rebasis_command_trace_figures SOURCES inspect/trace_figures.cpp LINK rebasis_encode rebasis_trace)

# A new kind of file is a file in cli/inspect/ and a line here.
rebasis_command(inspect ORDER 10
  SUMMARY "show what is in a trace, result, network or tensor file"
  SOURCES inspect/idx.cpp inspect/npy.cpp inspect/result.cpp inspect/text_table.cpp inspect/trace.cpp inspect/trace_extract.cpp
          inspect/trace_family.cpp
  LINK rebasis_command_trace_figures rebasis_config rebasis_encode rebasis_io rebasis_report rebasis_text rebasis_trace)

# ONNX files: the layer list needs libonnx, which lives beside libtorch; the plain program hands the file over.
if(TARGET rebasis_command_inspect)
  rebasis_part(rebasis_command_inspect_onnx SOURCES inspect/onnx.cpp inspect/onnx_skim.cpp LINK rebasis_cli rebasis_config)
  set_property(GLOBAL APPEND PROPERTY REBASIS_COMMANDS rebasis_command_inspect_onnx)
  if(REBASIS_TORCH AND TARGET rebasis_graph)
    target_compile_definitions(rebasis_command_inspect_onnx PRIVATE REBASIS_TORCH_PROGRAM_LISTS_LAYERS=true)
    rebasis_part(rebasis_command_inspect_onnx_layers SOURCES inspect/onnx_layers.cpp inspect/onnx_skim.cpp
                 LINK rebasis_cli rebasis_config rebasis_graph)
    set_property(GLOBAL APPEND PROPERTY REBASIS_TORCH_COMMANDS rebasis_command_inspect rebasis_command_inspect_onnx_layers)
  else()
    target_compile_definitions(rebasis_command_inspect_onnx PRIVATE REBASIS_TORCH_PROGRAM_LISTS_LAYERS=false)
  endif()
endif()
