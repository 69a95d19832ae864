# find_package(airlock): the targets airlock::model and airlock::checker, and the headers under
# their names in this tree (#include "checker/explore/explore.hpp").
include(CMakePackageConfigHelpers)
set(airlock_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/airlock)

install(DIRECTORY model checker DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/airlock
  FILES_MATCHING PATTERN "*.hpp" PATTERN "cli" EXCLUDE)
install(DIRECTORY specs DESTINATION ${CMAKE_INSTALL_DATADIR}/airlock)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET airlock)
  install(DIRECTORY ${airlock_pages_dir}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
  install(FILES ${airlock_pages_dir}/airlock.bash RENAME airlock
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()

install(EXPORT airlock_targets NAMESPACE airlock:: DESTINATION ${airlock_package_dir})
configure_package_config_file(cmake/airlockConfig.cmake.in
  ${PROJECT_BINARY_DIR}/generated/airlockConfig.cmake INSTALL_DESTINATION ${airlock_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/airlockConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/airlockConfig.cmake
  ${PROJECT_BINARY_DIR}/generated/airlockConfigVersion.cmake
  cmake/Dependencies.cmake
  DESTINATION ${airlock_package_dir})
