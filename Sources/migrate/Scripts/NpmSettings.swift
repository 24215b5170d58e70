/// The names of npm's own settings, which it hands to scripts beside the options that it does not know.
enum NpmSettings {
  static let all = Set(names.split(whereSeparator: \.isWhitespace).map(String.init))

  /// npm takes `--replace` for the beginning of a setting of its own.
  static func meaning(_ name: String, _ value: String) -> String {
    name == "replace-registry-host" && value == "true" ? "replace" : name
  }

  private static let names = """
    access all allow-same-version also always-auth argv audit audit-level auth auth-type before
    bin-links browser ca cache cache-max cache-min cafile call cert cidr color commit-hooks cpu depth
    description dev diff diff-dst-prefix diff-ignore-all-space diff-name-only diff-no-prefix
    diff-src-prefix diff-text diff-unified dry-run editor email engine-strict expect-result-count
    expect-results fetch-retries fetch-retry-factor fetch-retry-maxtimeout fetch-retry-mintimeout
    fetch-timeout force foreground-scripts format-package-lock fund git git-tag-version global
    global-prefix global-style globalconfig heading https-proxy if-present ignore-scripts include
    include-staged include-workspace-root init-author-email init-author-name init-author-url
    init-license init-module init-version init.author.email init.author.name init.author.url
    init.license init.module init.version install-links install-strategy json key legacy-bundling
    legacy-peer-deps libc link local-address local-prefix location lockfile-version loglevel logs-dir
    logs-max long maxsockets message metrics-registry node-gyp node-options noproxy npm-version offline
    omit omit-lockfile-registry-resolved only optional os otp pack-destination package package-lock
    package-lock-only parseable prefer-dedupe prefer-offline prefer-online prefix preid production
    progress provenance provenance-file proxy python read-only rebuild-bundle registry
    replace-registry-host save save-bundle save-dev save-exact save-optional save-peer save-prefix
    save-prod sbom-format sbom-type scope script-shell searchexclude searchlimit searchopts
    searchstaleness shell shrinkwrap sign-git-commit sign-git-tag strict-peer-deps strict-ssl tag
    tag-version-prefix timing tmp umask unicode unsafe-perm update-notifier usage user user-agent
    userconfig version versions viewer which workspace workspaces workspaces-update yes
    """
}
