// Index selector of one lane (SmartDeal paper, section V-B; rules 2 to 4 of docs/accelerators/smartdeal.md): examines the
// pairs of coefficient row and activation row in one word of the index in a cycle and stops at the first of which both
// are non-zero. The index memory is synchronous: a word is there in the cycle after its address, and stays.
module index_selector #(
    parameter integer PAIRS = 4,        // of a word; a power of two
    parameter integer SLICES = 2,
    parameter integer POSITION_W = 6,
    parameter integer TILE_W = 1        // of the tile's number that goes with an item
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic                    enable,            // 0: no scan in this cycle
    input  logic                    tiles_left,
    input  logic                    block_ready,       // the block of the selector's tile has started
    input  logic                    next_ready,        // that of the tile after it
    input  logic [POSITION_W-1:0]   length,            // pairs of the tile's list
    input  logic                    next_empty,        // the next tile's list has none
    input  logic [TILE_W:0]         handed_over,       // tiles that every slice has handed over
    // Index memory.
    output logic                    index_read,
    output logic                    index_next_tile,   // a word of the next tile's list
    output logic [POSITION_W-$clog2(PAIRS)-1:0] index_address,
    input  logic [PAIRS*SLICES-1:0] coefficient_index, // of the word's pairs: row non-zero, by slice
    input  logic [PAIRS-1:0]        activation_index,  // row non-zero
    // To the port.
    input  logic                    grant,             // the selected pair's segment is sent
    output logic                    selected,          // a pair waits for its grant
    output logic [POSITION_W-1:0]   pair,
    output logic [TILE_W:0]         tile,              // tiles passed; the item takes all but the highest bit
    output logic [POSITION_W-1:0]   position,          // next pair to examine
    output logic                    scanning
);
  localparam integer PLACE_W = $clog2(PAIRS);

  logic held;  // the memory's output is the word of `position`
  logic [POSITION_W-PLACE_W-1:0] word;
  logic [PLACE_W-1:0] place;
  logic [TILE_W:0] ahead;
  assign {word, place} = position;
  assign ahead = tile - handed_over;
  assign scanning = enable && (!selected || grant) && tiles_left && held && !ahead[TILE_W];

  logic [PAIRS-1:0] in_list, wanted;
  logic found, at_end, word_used;
  logic [POSITION_W-1:0] next_position, found_at;
  integer p;
  always_comb begin
    found = 1'b0;
    found_at = position;
    next_position = position;
    for (p = 0; p < PAIRS; p = p + 1) begin
      in_list[p] = p[PLACE_W-1:0] >= place && {word, p[PLACE_W-1:0]} < length;
      wanted[p]  = activation_index[p] && coefficient_index[p*SLICES+:SLICES] != '0;
      if (in_list[p] && !found) begin
        next_position = {word, p[PLACE_W-1:0]} + 1'b1;
        if (wanted[p]) begin
          found = 1'b1;
          found_at = {word, p[PLACE_W-1:0]};
        end
      end
    end
    at_end = !found && next_position == length;
    word_used = next_position[POSITION_W-1:PLACE_W] != word && next_position != length;
  end

  logic load_first;
  assign load_first = !held && block_ready && tiles_left;
  assign index_next_tile = scanning && at_end;
  assign index_read = (load_first && length != '0) || (scanning && word_used) ||
                      (index_next_tile && next_ready && !next_empty);
  assign index_address = load_first || index_next_tile ? '0 : word + 1'b1;

  always_ff @(posedge clk) begin
    if (rst) begin
      position <= '0;
      selected <= 1'b0;
      pair <= '0;
      tile <= '0;
      held <= 1'b0;
    end else begin
      if (load_first) held <= 1'b1;
      if (scanning) begin
        selected <= found;
        if (found) pair <= found_at;
        position <= at_end ? '0 : next_position;
        if (at_end) begin
          tile <= tile + 1'b1;
          held <= next_ready;
        end
      end
    end
  end
endmodule
