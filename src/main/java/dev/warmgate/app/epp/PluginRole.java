package dev.warmgate.app.epp;

/** What a type of plugin is there for; some have several roles. */
enum PluginRole {
    FILTER,
    SCORER,
    PICKER,
    HANDLER,
    /** Works out something about a request or its endpoints that other plugins read. */
    PRODUCER,
    SOURCE,
    EXTRACTOR,
    PARSER,
    DETECTOR,
    FAIRNESS,
    ORDERING,
    LIMIT,
    /** Has its own moment in a request's life. */
    OTHER
}
