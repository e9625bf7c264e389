// SCNN's position counter of one operand of a vector: the run of zeros before it moves column, row and address on; a row
// that ends carries into the next. Also what the output compressor counts with.
module zero_runs #(
    parameter integer RUN_W = 4,
    parameter integer POSITION_W = 8,
    parameter integer ADDRESS_W = 12
) (
    input  logic                  clk,
    input  logic                  enable,
    input  logic                  first,
    input  logic [RUN_W-1:0]      run,
    input  logic [POSITION_W-1:0] columns,
    input  logic [ADDRESS_W-1:0]  pitch,     // of a row less its columns
    output logic [POSITION_W-1:0] row,
    output logic [POSITION_W-1:0] column,
    output logic [ADDRESS_W-1:0]  address
);
  logic [POSITION_W-1:0] moved;
  logic wraps;
  assign moved = (first ? '0 : column) + {{(POSITION_W - RUN_W) {1'b0}}, run} + 1'b1;
  assign wraps = moved >= columns;
  always_ff @(posedge clk) begin
    if (enable) begin
      column <= wraps ? moved - columns : moved;
      row <= (first ? '0 : row) + {{(POSITION_W - 1) {1'b0}}, wraps};
      address <= (first ? '0 : address) + {{(ADDRESS_W - RUN_W) {1'b0}}, run} + (wraps ? pitch : '0);
    end
  end
endmodule
