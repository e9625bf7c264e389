// Rebuild engine (SmartDeal paper, section V-B, Fig. 4b): a register file of S x S basis elements and the shift unit that
// makes one term of a rebuilt row, +-(B[row] << shift), a cycle. The basis arrives two bytes a cycle, row by row.
module rebuild_engine #(
    parameter integer MAX_S = 7,
    parameter integer SHIFT_W = 3,
    parameter integer WEIGHT_W = 18
) (
    input  logic                      clk,
    input  logic [2:0]                n,        // rows and columns of the basis, 1 .. MAX_S
    input  logic                      write,    // two elements of the basis arrive
    input  logic                      first,    // with write: the basis begins
    input  logic [15:0]               data,     // earlier element in the low byte
    input  logic [2:0]                row,      // basis row of the term
    input  logic [SHIFT_W-1:0]        shift,
    input  logic                      negative,
    output logic [MAX_S*WEIGHT_W-1:0] terms
);
  logic [MAX_S*MAX_S*8-1:0] basis /*verilator public_flat_rd*/;
  logic [2:0] at_row, at_column;  // of the next element

  logic [2:0] row0, column0, row1, column1, next_row, next_column;
  always_comb begin
    row0        = first ? 3'd0 : at_row;
    column0     = first ? 3'd0 : at_column;
    row1        = column0 + 3'd1 == n ? row0 + 3'd1 : row0;
    column1     = column0 + 3'd1 == n ? 3'd0 : column0 + 3'd1;
    next_row    = column1 + 3'd1 == n ? row1 + 3'd1 : row1;
    next_column = column1 + 3'd1 == n ? 3'd0 : column1 + 3'd1;
  end

  integer r, c;
  always_ff @(posedge clk) begin
    if (write) begin
      at_row    <= next_row;
      at_column <= next_column;
      for (r = 0; r < MAX_S; r = r + 1) begin
        for (c = 0; c < MAX_S; c = c + 1) begin
          if (r[2:0] == row0 && c[2:0] == column0) basis[(r*MAX_S+c)*8+:8] <= data[7:0];
          // An odd basis leaves the last byte unused: it goes to row n, which is never read.
          if (r[2:0] == row1 && c[2:0] == column1) basis[(r*MAX_S+c)*8+:8] <= data[15:8];
        end
      end
    end
  end

  logic [MAX_S*8-1:0] selected;
  integer i;
  always_comb begin
    selected = '0;
    for (i = 0; i < MAX_S; i = i + 1) if (row == i[2:0]) selected = basis[i*MAX_S*8+:MAX_S*8];
  end

  genvar s;
  generate
    for (s = 0; s < MAX_S; s = s + 1) begin : g_term
      logic signed [7:0] element;
      logic signed [WEIGHT_W-1:0] extended, shifted;
      assign element = selected[s*8+:8];
      assign extended = {{(WEIGHT_W - 8) {element[7]}}, element};
      assign shifted = extended << shift;
      assign terms[s*WEIGHT_W+:WEIGHT_W] = negative ? -shifted : shifted;
    end
  endgenerate
endmodule
