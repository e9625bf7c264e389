// Rebuild engine (SmartDeal paper, section V-B, Fig. 4b): a register file of S x S basis elements and the shift unit that
// makes TERMS terms of a rebuilt row, +-(B[row] << shift), a cycle. The basis arrives two elements a cycle, row by row.
module rebuild_engine #(
    parameter integer MAX_S = 7,
    parameter integer PRECISION = 8,
    parameter integer TERMS = 1,
    parameter integer SHIFT_W = 3,
    parameter integer WEIGHT_W = 18
) (
    input  logic                      clk,
    input  logic [2:0]                n,        // rows and columns of the basis, 1 .. MAX_S
    input  logic                      write,    // two elements of the basis arrive
    input  logic                      first,    // with write: the basis begins
    input  logic [2*PRECISION-1:0]    data,     // earlier element in the low half
    input  logic [TERMS-1:0]          used,     // by term
    input  logic [TERMS*3-1:0]        row,      // basis row of the term
    input  logic [TERMS*SHIFT_W-1:0]  shift,
    input  logic [TERMS-1:0]          negative,
    output logic [MAX_S*WEIGHT_W-1:0] sum       // of the terms used
);
  logic [MAX_S*MAX_S*PRECISION-1:0] basis;
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
          if (r[2:0] == row0 && c[2:0] == column0) basis[(r*MAX_S+c)*PRECISION+:PRECISION] <= data[PRECISION-1:0];
          // An odd basis leaves the last element unused: it goes to row n, which is never read.
          if (r[2:0] == row1 && c[2:0] == column1)
            basis[(r*MAX_S+c)*PRECISION+:PRECISION] <= data[2*PRECISION-1:PRECISION];
        end
      end
    end
  end

  integer t, i, s;
  logic [MAX_S*PRECISION-1:0] selected;
  logic signed [WEIGHT_W-1:0] shifted;
  always_comb begin
    sum = '0;
    for (t = 0; t < TERMS; t = t + 1) begin
      selected = '0;
      for (i = 0; i < MAX_S; i = i + 1)
        if (row[t*3+:3] == i[2:0]) selected = basis[i*MAX_S*PRECISION+:MAX_S*PRECISION];
      for (s = 0; s < MAX_S; s = s + 1) begin
        shifted = {{(WEIGHT_W - PRECISION) {selected[s*PRECISION+PRECISION-1]}}, selected[s*PRECISION+:PRECISION]};
        shifted = shifted << shift[t*SHIFT_W+:SHIFT_W];
        if (used[t]) sum[s*WEIGHT_W+:WEIGHT_W] = sum[s*WEIGHT_W+:WEIGHT_W] + (negative[t] ? -shifted : shifted);
      end
    end
  end
endmodule
