// A lane of Cambricon-X's indexing module without its neuron multiplexers: adds the steps of LANES synapses to the
// position of the last one and says which of them lie in the line that begins at `line`.
module step_indexer #(
    parameter integer LANES = 16,
    parameter integer STEP_W = 4,
    parameter integer POSITION_W = 16
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic                          enable,
    input  logic                          first,     // of a filter
    input  logic [LANES*STEP_W-1:0]       steps,
    input  logic [POSITION_W-1:0]         line_end,  // first position past the line
    output logic [LANES*POSITION_W-1:0]   positions,
    output logic [LANES-1:0]              lies_in,
    output logic [$clog2(LANES+1)-1:0]    taken
);
  logic [POSITION_W-1:0] last, next, at;
  integer i;
  always_comb begin
    next  = first ? '0 : last;
    at    = next;
    taken = '0;
    for (i = 0; i < LANES; i = i + 1) begin
      at = at + {{(POSITION_W - STEP_W) {1'b0}}, steps[i*STEP_W+:STEP_W]};
      positions[i*POSITION_W+:POSITION_W] = at;
      lies_in[i] = at < line_end;
      if (lies_in[i]) begin  // positions grow, so those of the line come first
        taken = i[$clog2(LANES+1)-1:0] + 1'b1;
        next  = at;
      end
    end
  end
  always_ff @(posedge clk) begin
    if (rst) last <= '0;
    else if (enable) last <= next;
  end
endmodule
