// Barrel shifter of W bits by 0 to 2^STAGES - 1 places.
module shifter #(
    parameter integer W = 32,
    parameter integer STAGES = 5
) (
    input  logic [W-1:0]      value,
    input  logic [STAGES-1:0] places,
    output logic [W-1:0]      shifted
);
  assign shifted = value << places;
endmodule
