// SCNN's coordinate computation of a product: position of the output from those of weight and activation, whether it lies
// in the tile, and its accumulator address and bank. Filter and row pitches of the layout multiply by constants of the
// layer ahead of this: the operands' addresses come in that form, and add up.
module coordinate #(
    parameter integer POSITION_W = 8,
    parameter integer ADDRESS_W = 12
) (
    input  logic [POSITION_W-1:0] weight_row,
    input  logic [POSITION_W-1:0] weight_column,
    input  logic [ADDRESS_W-1:0]  weight_address,
    input  logic [POSITION_W-1:0] activation_row,
    input  logic [POSITION_W-1:0] activation_column,
    input  logic [ADDRESS_W-1:0]  activation_address,
    input  logic [POSITION_W-1:0] rows,
    input  logic [POSITION_W-1:0] columns,
    output logic                  lands,
    output logic [ADDRESS_W-1:0]  address
);
  logic [POSITION_W-1:0] row, column;
  assign row = activation_row - weight_row;
  assign column = activation_column - weight_column;
  assign lands = row < rows && column < columns;
  assign address = activation_address + weight_address;
endmodule
