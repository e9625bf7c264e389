// Controller: LOOPS nested loops, each with a count and an address that it moves, as a layer configures them.
module loop_controller #(
    parameter integer LOOPS = 6,
    parameter integer W = 16
) (
    input  logic               clk,
    input  logic               rst,
    input  logic               start,
    input  logic               step,
    input  logic [LOOPS*W-1:0] counts,   // of each, less one
    input  logic [LOOPS*W-1:0] strides,  // of its address
    output logic [LOOPS*W-1:0] index,
    output logic [W-1:0]       address,
    output logic               done
);
  logic [LOOPS-1:0] at_end, moves;
  logic [LOOPS*W-1:0] part;  // of the address, by loop
  genvar l;
  generate
    for (l = 0; l < LOOPS; l = l + 1) begin : g_loop
      assign at_end[l] = index[l*W+:W] == counts[l*W+:W];
      if (l == 0) begin : g_inner
        assign moves[l] = step;
      end else begin : g_outer
        assign moves[l] = step && (&at_end[l-1:0]);
      end
      always_ff @(posedge clk) begin
        if (rst || start) begin
          index[l*W+:W] <= '0;
          part[l*W+:W]  <= '0;
        end else if (moves[l]) begin
          index[l*W+:W] <= at_end[l] ? '0 : index[l*W+:W] + 1'b1;
          part[l*W+:W]  <= at_end[l] ? '0 : part[l*W+:W] + strides[l*W+:W];
        end
      end
    end
  endgenerate
  integer i;
  always_comb begin
    address = '0;
    for (i = 0; i < LOOPS; i = i + 1) address = address + part[i*W+:W];
  end
  always_ff @(posedge clk) begin
    if (rst || start) done <= 1'b0;
    else if (step && (&at_end)) done <= 1'b1;
  end
endmodule
