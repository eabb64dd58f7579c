# What `cmake --install` puts where. Programs, units and manuals follow the prefix; the configuration
# is always /etc/suppressd, where the programs look for it, and an existing one is left alone.
include(GNUInstallDirs)

# suppressd.conf(5) is made from the configuration file. It is built with the daemon, so that it is
# there to be installed whichever targets are built.
find_program(AWK awk REQUIRED)
set(conf_page ${CMAKE_CURRENT_BINARY_DIR}/suppressd.conf.5)
add_custom_command(
  OUTPUT ${conf_page}
  COMMAND
    ${AWK} -v version=${PROJECT_VERSION} -f ${PROJECT_SOURCE_DIR}/packaging/suppressd.conf.5.awk
    ${PROJECT_SOURCE_DIR}/conf/suppressd.conf > ${conf_page}.new
  COMMAND ${CMAKE_COMMAND} -E rename ${conf_page}.new ${conf_page}
  DEPENDS conf/suppressd.conf packaging/suppressd.conf.5.awk
  VERBATIM)
add_custom_target(manual DEPENDS ${conf_page})
add_dependencies(suppressd manual)

install(
  FILES ${CMAKE_CURRENT_BINARY_DIR}/src/suppressctl.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME suppressctl)
install(
  FILES ${CMAKE_CURRENT_BINARY_DIR}/src/suppressctl.zsh
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
  RENAME _suppressctl)

configure_file(systemd/suppressd.service.in suppressd.service @ONLY)
configure_file(systemd/suppressd-alerts.service.in suppressd-alerts.service @ONLY)
install(
  FILES
    ${CMAKE_CURRENT_BINARY_DIR}/suppressd.service
    systemd/suppressd.socket
    systemd/suppressd-alerts.timer
    ${CMAKE_CURRENT_BINARY_DIR}/suppressd-alerts.service
  DESTINATION lib/systemd/system)
install(FILES systemd/suppressd.sysusers DESTINATION lib/sysusers.d RENAME suppressd.conf)
install(FILES systemd/suppressd.tmpfiles DESTINATION lib/tmpfiles.d RENAME suppressd.conf)
install(
  FILES
    CHANGELOG.md
    CONTRIBUTING.md
    LICENSE
    README.md
    conf/codes-only.toml
    conf/postfix-incident-transport.cf.example
    conf/postfix-main.cf.example
    conf/postfix-master.cf.example
    conf/postfix-transport.cf.example
    conf/rules.toml
    conf/sendmail.mc.example
    conf/suppressd.conf
    doc/architecture.md
    doc/formats.md
    systemd/suppressd.socket-sendmail.conf
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/suppressctl.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${conf_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES packaging/suppressd-database.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(FILES packaging/suppressd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(CODE "
  # file(INSTALL) adds DESTDIR itself.
  set(target /etc/suppressd)
  if(NOT EXISTS \"\$ENV{DESTDIR}\${target}/suppressd.conf\")
    file(INSTALL \"${CMAKE_CURRENT_SOURCE_DIR}/conf/suppressd.conf\" DESTINATION \"\${target}\")
  else()
    message(STATUS \"Kept: \$ENV{DESTDIR}\${target}/suppressd.conf\")
  endif()")
