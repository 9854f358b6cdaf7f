using static Meshia.Views.Column;

namespace Meshia.Views;

internal static class ConnectionViews
{
    public static TypeView Connection { get; } = new("Meshia.MeshiaConnection", "Profile, BaseUri, KeySource, Vault, Key, TimeoutSeconds, RequestTimeoutSeconds, MaximumRetryCount, MaxRunning, AllowedGpu, RequireMaxDuration, Price, SettleSeconds, CertificateThumbprint")
    {
        Key = "BaseUri",
        Default = "Profile, BaseUri, KeySource, Vault, Key",
        Table = [Plain("Profile", 10), Plain("KeySource", 14), Plain("Vault", 11), Plain("Key", 9), Plain("BaseUri")],
        List =
        [
            Plain("Profile"), Plain("BaseUri"), Plain("KeySource"), Plain("Vault"), Plain("Key"), Plain("TimeoutSeconds"), Plain("RequestTimeoutSeconds"), Plain("MaximumRetryCount"),
            Plain("MaxRunning").Optional(), Shown("AllowedGpu").Optional(), Plain("RequireMaxDuration"), Shown("Price").Optional(), Plain("SettleSeconds").Optional(), Plain("CertificateThumbprint").Optional(),
        ],
    };

    public static TypeView Profile { get; } = new("Meshia.ConnectionProfile", "Name, BaseUri, Vault, SecretName, MaxRunning, AllowedGpu, RequireMaxDuration, Price, SettleSeconds, CertificatePath")
    {
        Key = "Name",
        Default = "Name, BaseUri, Vault, SecretName",
        Table = [Plain("Name", 12), Plain("Vault", 14), Plain("SecretName", 18), Plain("BaseUri")],
        List =
        [
            Plain("Name"), Plain("BaseUri"), Plain("Vault"), Plain("SecretName"),
            Plain("MaxRunning").Optional(), Shown("AllowedGpu").Optional(), Plain("RequireMaxDuration"), Shown("Price").Optional(), Plain("SettleSeconds").Optional(),
        ],
    };

    public static TypeView Test { get; } = new("Meshia.ConnectionTest", "BaseUri, IsReachable, IsAuthenticated, Latency, RequestsLeft, Error")
    {
        Key = "BaseUri",
        Default = "BaseUri, IsReachable, IsAuthenticated, Latency, RequestsLeft, Error",
        Table =
        [
            Plain("Reachable", "IsReachable", 9), Plain("Authenticated", "IsAuthenticated", 13), Shown("Latency", 7).Right(), Plain("RequestsLeft", 12).Right(),
            Shown("BaseUri / Error", "BaseUriAndError"),
        ],
        Wraps = true,
        List = [Plain("BaseUri"), Plain("IsReachable"), Plain("IsAuthenticated"), Shown("Latency"), Plain("RequestsLeft"), Shown("Error")],
    };

    public static TypeView RateLimit { get; } = new("Meshia.RateLimit", "BaseUri, Limit, Used, PollsLeft, ReadsLeft, CreatesLeft, StopsLeft, PausedFor, IsStopWaiting, IsShared, Commands")
    {
        Key = "BaseUri",
        Default = "Limit, Used, ReadsLeft, StopsLeft, Commands",
        Table =
        [
            Plain("Limit", 5).Right(), Plain("Used", 4).Right(), Plain("Polls", "PollsLeft", 5).Right(), Plain("Reads", "ReadsLeft", 5).Right(),
            Plain("Creates", "CreatesLeft", 7).Right(), Plain("Stops", "StopsLeft", 5).Right(), Shown("Paused", "PausedFor", 6).Right(), Plain("Shared", "IsShared", 6), Plain("BaseUri"),
        ],
        List =
        [
            Plain("BaseUri"), Plain("Limit"), Plain("Used"), Plain("PollsLeft"), Plain("ReadsLeft"), Plain("CreatesLeft"), Plain("StopsLeft"),
            Shown("PausedFor").Optional(), Plain("IsStopWaiting"), Plain("IsShared"), Shown("Commands").Optional(),
        ],
    };

    public static TypeView RateLimitCommand { get; } = new("Meshia.RateLimitCommand", "Command, Sent, Waiting")
    {
        Key = "Command",
        Default = "Command, Sent, Waiting",
        Table = [Plain("Command", 28), Plain("Sent", 8).Right(), Plain("Waiting")],
        List = [Plain("Command"), Plain("Sent"), Plain("Waiting")],
    };
}
