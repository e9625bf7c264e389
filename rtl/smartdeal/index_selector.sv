// Index selector of one lane (SmartDeal paper, section V-B; rules 2 to 4 of docs/accelerators/smartdeal.md): examines up to
// PAIRS pairs of coefficient row and activation row a cycle and stops at the first of which both are non-zero.
module index_selector #(
    parameter integer PAIRS = 4,
    parameter integer SLICES = 2,
    parameter integer POSITION_W = 16,
    parameter integer TILE_W = 16
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic                    block_ready,       // the block of the selector's tile has started
    input  logic                    tiles_left,
    input  logic [POSITION_W-1:0]   length,            // pairs of the tile's list
    input  logic [PAIRS*SLICES-1:0] coefficient_index, // of pairs position, position + 1, ...: row non-zero, by slice
    input  logic [PAIRS-1:0]        activation_index,  // row non-zero
    input  logic                    grant,             // the selected pair's segment is sent; only with block_ready
    output logic [POSITION_W-1:0]   position,          // next pair to examine
    output logic                    selected,          // a pair waits for its grant
    output logic [POSITION_W-1:0]   pair,
    output logic [TILE_W-1:0]       tile,              // tiles passed
    output logic                    scanning
);
  logic [PAIRS-1:0] in_list, wanted;
  logic found, at_end;
  logic [POSITION_W-1:0] left, next_position, found_at;
  assign left = length - position;
  assign scanning = (!selected || grant) && tiles_left && block_ready;

  integer p;
  always_comb begin
    found = 1'b0;
    found_at = position;
    next_position = position;
    for (p = 0; p < PAIRS; p = p + 1) begin
      in_list[p] = p[POSITION_W-1:0] < left;
      wanted[p]  = activation_index[p] && coefficient_index[p*SLICES+:SLICES] != '0;
      if (in_list[p] && !found) begin
        next_position = position + p[POSITION_W-1:0] + 1'b1;
        if (wanted[p]) begin
          found = 1'b1;
          found_at = position + p[POSITION_W-1:0];
        end
      end
    end
    at_end = !found && next_position == length;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      position <= '0;
      selected <= 1'b0;
      pair <= '0;
      tile <= '0;
    end else begin
      if (scanning) begin
        selected <= found;
        if (found) pair <= found_at;
        position <= at_end ? '0 : next_position;
        if (at_end) tile <= tile + 1'b1;
      end
    end
  end
endmodule
