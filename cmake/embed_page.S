/* The built report page as bytes between two symbols; see fathom/report/html.cpp. */
    .section .rodata
    .global fathom_report_page_begin
    .global fathom_report_page_end
fathom_report_page_begin:
    .incbin FATHOM_PAGE
fathom_report_page_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
