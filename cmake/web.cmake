# The report page: web/ built by Vite into one self-contained HTML file, embedded into the library.
if(EXISTS ${CMAKE_SOURCE_DIR}/web/package.json)
  find_program(NPM npm REQUIRED)
  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*)
  set(web_page ${CMAKE_BINARY_DIR}/web/index.html)
  add_custom_command(
    OUTPUT ${web_page}
    COMMAND ${CMAKE_COMMAND} -E env FATHOM_WEB_OUT=${CMAKE_BINARY_DIR}/web
            ${CMAKE_SOURCE_DIR}/web/build.sh
    DEPENDS ${web_sources} web/index.html web/package.json web/package-lock.json web/tsconfig.json web/vite.config.ts web/build.sh
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/web
    VERBATIM)
  set(embed ${CMAKE_SOURCE_DIR}/cmake/embed_page.S)
  set_source_files_properties(${embed} PROPERTIES
    OBJECT_DEPENDS ${web_page}
    COMPILE_DEFINITIONS FATHOM_PAGE="${web_page}")
  target_sources(fathom_core PRIVATE ${embed})
endif()
