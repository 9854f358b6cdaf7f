namespace Meshia.PowerShell;

/// <summary>The documented paths that hold no id; any other may be typed.</summary>
internal sealed class EndpointCompleter() : WordCompleter(
    ("/sessions", "GET lists sessions, POST creates one, and a GPU costs money"),
    ("/experiments/compare", "POST compares experiments"),
    ("/webhooks", "GET lists webhooks, POST creates one"));
