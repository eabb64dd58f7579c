# What `cmake --install` puts where. Programs, units and manuals follow the prefix; the configuration is always /etc/suppressd, where the
# programs look for it, and one that is there is left alone.
include(GNUInstallDirs)

configure_file(systemd/suppressd.service.in suppressd.service @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/suppressd.service systemd/suppressd.socket DESTINATION lib/systemd/system)
install(FILES systemd/suppressd.sysusers DESTINATION lib/sysusers.d RENAME suppressd.conf)
install(FILES systemd/suppressd.tmpfiles DESTINATION lib/tmpfiles.d RENAME suppressd.conf)
install(FILES README.md CHANGELOG.md conf/suppressd.conf conf/rules.toml conf/codes-only.toml conf/postfix-main.cf.example conf/postfix-master.cf.example
              conf/sendmail.mc.example systemd/suppressd.socket-sendmail.conf
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
foreach(page suppressd.8 suppressctl.1 suppressd.conf.5 suppressd-database.7)
  string(REGEX MATCH "[1-8]$" section ${page})
  install(FILES packaging/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(CODE "
  # file(INSTALL) puts DESTDIR in front by itself.
  set(target /etc/suppressd)
  if(NOT EXISTS \"\$ENV{DESTDIR}\${target}/suppressd.conf\")
    file(INSTALL \"${CMAKE_CURRENT_SOURCE_DIR}/conf/suppressd.conf\" DESTINATION \"\${target}\")
  else()
    message(STATUS \"Kept: \$ENV{DESTDIR}\${target}/suppressd.conf\")
  endif()")
