namespace Meshia;

/// <summary>Finds the service's own words in the body of a refusal, in the documented form or in another one (wire contract, Transport).</summary>
internal static class ErrorBody
{
    private const int MostParts = 10;

    private static readonly string[] _codes = [ContractNames.Code, "error_code", "type"];
    private static readonly string[] _messages = [ContractNames.Message, "detail", "details", "error_description", "description", "reason", "msg", "error_message"];
    private static readonly string[] _places = ["field", "param", "parameter", "path", "loc", "pointer", "source"];
    private static readonly string[] _flags = ["success", "ok", "succeeded", "is_success"];
    private static readonly string[] _statuses = ["status_code", "http_status", ContractNames.Status];
    private const string Result = "result";
    private const string Errors = "errors";
    private const string Title = "title";

    /// <summary>The code and the message of a body that was read; null if it has none.</summary>
    public static (string? Code, string? Message) Read(object? json)
    {
        var body = json is object?[] { Length: 1 } alone ? alone[0] : json;
        if (body is not Dictionary<string, object?> map)
            return (null, Words(body));
        var error = Get(map, ContractNames.Error);
        var inner = error as Dictionary<string, object?> ?? map;
        var code = _codes.Select(name => Text(Get(inner, name))).FirstOrDefault(IsCode);
        var message = _messages.Select(name => Words(Get(inner, name))).FirstOrDefault(words => words is not null);
        var parts = Words(Get(inner, Errors) ?? (inner == map ? null : Get(map, Errors)));
        var title = Text(Get(inner, Title));
        // {"error":"invalid_grant","error_description":"…"} has the code in it, {"error":"no such session"} the message.
        if (error is not null && inner == map)
        {
            var words = Words(error);
            if (message is null)
                message = words;
            else if (IsCode(words))
                code ??= words;
        }

        return (code, Joined(": ", title, Joined(" ", message, parts)) ?? (inner == map ? null : Words(Get(map, ContractNames.Message))));
    }

    /// <summary>Whether a body that came with a status of success says that the request was refused.</summary>
    public static bool IsRefusal(object? json)
    {
        if (json is object?[] { Length: 1 } alone)
            json = alone[0];
        if (json is not Dictionary<string, object?> map)
            return false;
        if (Array.Exists(_flags, name => Get(map, name) is false or "false" or 0L))
            return true;
        // An experiment has an error of its own.
        if (FieldName.Find(map, ContractNames.Id) is not null)
            return false;
        if (new[] { ContractNames.Status, Result }.Any(name => Text(Get(map, name)) is { } word && word.ToUpperInvariant() is "ERROR" or "FAIL" or "FAILED" or "FAILURE"))
            return true;
        if (Array.Exists(_statuses, name => JsonFields.ToInteger(Get(map, name)) is >= 400 and < 600))
            return true;
        return (Get(map, ContractNames.Error) is { } error && Words(error) is not null || Get(map, Errors) is object?[] { Length: > 0 })
            && !map.Any(pair => !IsOfErrors(pair.Key) && pair.Value is Dictionary<string, object?> { Count: > 0 } or object?[] { Length: > 0 } or UnreadJson);
    }

    /// <summary>What a body warns of; null if it does not.</summary>
    public static string? WarningIn(IReadOnlyDictionary<string, object?> body) =>
        body is Dictionary<string, object?> map ? Words(Get(map, "warnings")) ?? Words(Get(map, "warning")) : null;

    private static bool IsOfErrors(string name) => FieldName.AreSame(name, ContractNames.Error) || FieldName.AreSame(name, Errors) || FieldName.IsOneOf(name, _messages);

    private static object? Get(Dictionary<string, object?> map, string name) => FieldName.Find(map, name) is { } found ? map[found] : null;

    private static string? Text(object? value) => JsonFields.ToText(value) is { Length: > 0 } text ? text : null;

    /// <summary>A code is one word, not an address of a description.</summary>
    private static bool IsCode(string? text) => text is { Length: > 0 } && !text.Contains(' ') && !text.Contains("://") && text != "about:blank";

    /// <summary>The words in a value: a text, a list of them or of errors, or errors by the names of fields.</summary>
    private static string? Words(object? value)
    {
        switch (value)
        {
            case object?[] items:
                return Joined("; ", [.. items.Take(MostParts).Select(Words)]);
            case Dictionary<string, object?> map:
                var (code, message) = (_codes.Select(name => Text(Get(map, name))).FirstOrDefault(IsCode), _messages.Append(Title).Append(ContractNames.Error).Select(name => Words(Get(map, name))).FirstOrDefault(words => words is not null));
                var place = _places.Select(name => Place(Get(map, name))).FirstOrDefault(text => text is not null);
                if ((message ?? code) is { } words)
                    return Joined(": ", place, words);
                return Joined("; ", [.. map.Take(MostParts).Select(pair => Words(pair.Value) is { } inner ? $"{pair.Key}: {inner}" : null)]);
            default:
                return value is string { Length: > 0 } text ? text : null;
        }
    }

    private static string? Place(object? value) => value switch
    {
        object?[] levels => Joined(".", [.. levels.Select(Text)]),
        Dictionary<string, object?> map => map.Values.Select(Text).FirstOrDefault(text => text is not null),
        _ => Text(value),
    };

    private static string? Joined(string separator, params string?[] parts) =>
        parts.Where(part => part is not null).ToArray() is { Length: > 0 } there ? string.Join(separator, there) : null;
}
