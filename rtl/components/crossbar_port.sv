// An output of a crossbar: of INPUTS sources, some of which ask for it, the lowest is granted and its W bits pass.
module crossbar_port #(
    parameter integer INPUTS = 16,
    parameter integer W = 24
) (
    input  logic [INPUTS-1:0]   request,
    input  logic [INPUTS*W-1:0] values,
    output logic [INPUTS-1:0]   grant,
    output logic [W-1:0]        value
);
  assign grant = request & (~request + 1'b1);
  integer i;
  always_comb begin
    value = '0;
    for (i = 0; i < INPUTS; i = i + 1) value = value | (values[i*W+:W] & {W{grant[i]}});
  end
endmodule
