"""The blocks of rtl/ with the folders of their sources."""

BLOCKS = {
    "booth_mac": "smartdeal",
    "huffman_decoder": "smartdeal",
    "index_selector": "smartdeal",
    "input_lane": "smartdeal",
    "pe_line": "smartdeal",
    "pe_slice": "smartdeal",
    "group_indexer": "pynq_ternary",
    "ternary_pe": "pynq_ternary",
    "pragmatic_column": "bit_pragmatic",
}
