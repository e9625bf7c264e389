"""The blocks of rtl/ with the folders of their sources."""

BLOCKS = {
    "booth_mac": "smartdeal",
    "huffman_decoder": "smartdeal",
    "index_selector": "smartdeal",
    "input_lane": "smartdeal",
    "pe_line": "smartdeal",
    "pe_line_row": "smartdeal",
    "pe_line_lead": "smartdeal",
    "pe_line_places": "smartdeal",
    "pe_slice": "smartdeal",
    "group_indexer": "pynq_ternary",
    "group_indexer_wide": "pynq_ternary",
    "ternary_pe": "pynq_ternary",
    "ternary_pe_small": "pynq_ternary",
    "pragmatic_column": "bit_pragmatic",
    "pragmatic_column_wide": "bit_pragmatic",
}
