using System.Text.RegularExpressions;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Faults;

/// <summary>What kind of thing a fault hits.</summary>
internal enum FaultSubject
{
    Request,
    Storage,
    Session,
    Webhook,
}

/// <summary>
/// On what a fault is: <c>POST /sessions</c>, <c>GET *</c>, <c>*</c>; <c>storage</c>; <c>session</c> or <c>session llama-*</c>; <c>webhook</c> or
/// <c>webhook session.*</c>. In a path <c>*</c> stands for anything and <c>{id}</c> for one segment.
/// </summary>
internal sealed partial class FaultTarget
{
    private readonly string? _method;
    private readonly Regex? _pattern;

    private FaultTarget(string text, FaultSubject subject, string? method, string? pattern)
    {
        (Text, Subject, _method) = (text, subject, method);
        _pattern = pattern is null or "*"
            ? null
            : new Regex($@"\A{Placeholder.Replace(Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal), "[^/]+")}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    /// <summary>Any request to the API.</summary>
    public static FaultTarget Any { get; } = Parse("*");

    public string Text { get; }

    public FaultSubject Subject { get; }

    public static FaultTarget Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            ["session"] => new(text, FaultSubject.Session, null, null),
            ["session", var name] => new(text, FaultSubject.Session, null, name),
            ["webhook"] => new(text, FaultSubject.Webhook, null, null),
            ["webhook", var name] => new(text, FaultSubject.Webhook, null, name),
            ["storage"] => new(text, FaultSubject.Storage, null, null),
            ["storage", var method] when Method.IsMatch(method) => new(text, FaultSubject.Storage, method, null),
            ["*"] => new(text, FaultSubject.Request, null, null),
            ["*", var path] when IsPath(path) => new(text, FaultSubject.Request, null, path),
            [['/', ..] path] => new(text, FaultSubject.Request, null, path),
            [var method] when Method.IsMatch(method) => new(text, FaultSubject.Request, method, null),
            [var method, var path] when Method.IsMatch(method) && IsPath(path) => new(text, FaultSubject.Request, method, path),
            _ => throw ApiException.Invalid(
                "'on' must be a request like 'POST /sessions', 'GET *' or '*', or one of session, session <name>, webhook, webhook <event>, storage, storage <method>."),
        };
    }

    /// <summary>Any request to a path, in which <c>*</c> and <c>{id}</c> stand for what they do in a fault.</summary>
    public static FaultTarget OfPath(string path) => new(path, FaultSubject.Request, null, path);

    public bool IsMatch(string? method, string text) =>
        (_method is null || _method.Equals(method, StringComparison.OrdinalIgnoreCase)) && (_pattern is null || _pattern.IsMatch(text));

    private static bool IsPath(string text) => text is ['/' or '*', ..];

    [GeneratedRegex(@"\A(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Method { get; }

    [GeneratedRegex(@"\\\{[^/]*?}")]
    private static partial Regex Placeholder { get; }
}
