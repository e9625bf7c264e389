// DianNao's NFU-3 (paper, section 6.1): piecewise linear function of 16 segments, a x + b, with coefficients in registers.
module interpolator #(
    parameter integer W = 16
) (
    input  logic                clk,
    input  logic                write,
    input  logic [3:0]          write_segment,
    input  logic [2*W-1:0]      coefficients,
    input  logic signed [W-1:0] x,
    output logic signed [W-1:0] y
);
  logic [2*W-1:0] segment;
  register_file #(
      .WORDS(16),
      .W(2 * W)
  ) table_of_segments (
      .clk(clk),
      .write(write),
      .write_address(write_segment),
      .write_data(coefficients),
      .read_address(x[W-1:W-4]),
      .read_data(segment)
  );
  logic signed [W-1:0] slope, held, offset;
  // verilator lint_off UNUSEDSIGNAL
  logic signed [2*W-1:0] product;  // its upper half counts
  // verilator lint_on UNUSEDSIGNAL
  logic signed [W-1:0] offset_held;
  always_ff @(posedge clk) begin
    {slope, offset} <= segment;
    held <= x;
    product <= slope * held;
    offset_held <= offset;
    y <= product[2*W-1:W] + offset_held;
  end
endmodule
