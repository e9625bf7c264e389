// Register file of WORDS words of W bits: a port to read and one to write.
module register_file #(
    parameter integer WORDS = 16,
    parameter integer W = 8
) (
    input  logic                     clk,
    input  logic                     write,
    input  logic [$clog2(WORDS)-1:0] write_address,
    input  logic [W-1:0]             write_data,
    input  logic [$clog2(WORDS)-1:0] read_address,
    output logic [W-1:0]             read_data
);
  logic [W-1:0] words[WORDS];
  always_ff @(posedge clk) if (write) words[write_address] <= write_data;
  assign read_data = words[read_address];
endmodule
