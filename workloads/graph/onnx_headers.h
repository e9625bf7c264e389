// libonnx as Debian builds it (ONNX_ML=1, ONNX_NAMESPACE=onnx come from CMake). Only this folder includes it.
#pragma once

#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>
