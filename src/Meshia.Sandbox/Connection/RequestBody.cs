using System.Globalization;
using System.Text.Json;

namespace Meshia.Sandbox.Connection;

/// <summary>The JSON object that a request carries. What is wrong with it is said with the name of the field.</summary>
internal readonly struct RequestBody
{
    private readonly JsonElement _root;

    /// <exception cref="ApiException">It is not an object.</exception>
    public RequestBody(JsonElement root) =>
        _root = root.ValueKind == JsonValueKind.Object ? root : throw ApiException.Invalid("The request body must be a JSON object.");

    public static async Task<RequestBody> ReadAsync(HttpRequest request)
    {
        try
        {
            return new(await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: request.HttpContext.RequestAborted));
        }
        catch (JsonException)
        {
            throw ApiException.Invalid("The request body is not valid JSON.");
        }
    }

    public static IEnumerable<RequestBody> ObjectsOf(JsonElement array, string field) => array.ValueKind == JsonValueKind.Array
        ? [.. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object ? new RequestBody(item) : throw NotObjects(field))]
        : throw NotObjects(field);

    public string Text(string field, int maxLength = 1024)
    {
        var text = OptionalText(field, maxLength);
        return string.IsNullOrWhiteSpace(text) ? throw ApiException.Invalid($"'{field}' must not be empty.") : text;
    }

    public string? OptionalText(string field, int maxLength = 1024) =>
        Find(field) is { } value ? AsText(value, field, maxLength) : null;

    public string? OptionalTextOrNumber(string field) =>
        Find(field) is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : OptionalText(field);

    public IReadOnlyList<string> Texts(string field)
    {
        if (Find(field) is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() == 0)
            throw ApiException.Invalid($"'{field}' must be an array of strings that is not empty.");
        return [.. array.EnumerateArray().Select(item => AsText(item, field, 1024)).Distinct()];
    }

    public long Integer(string field, long min, long max) =>
        OptionalInteger(field, min, max) ?? throw NotInteger(field, min, max);

    public long? OptionalInteger(string field, long min, long max) => Find(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) && number >= min && number <= max => number,
        _ => throw NotInteger(field, min, max),
    };

    public double? OptionalNumber(string field, double min, double max) => Find(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number) && number >= min && number <= max => number,
        _ => throw ApiException.Invalid(string.Create(CultureInfo.InvariantCulture, $"'{field}' must be a number from {min} to {max}.")),
    };

    public bool OptionalFlag(string field) => Find(field) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw ApiException.Invalid($"'{field}' must be true or false."),
    };

    public DateTimeOffset? OptionalTime(string field) => Find(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value when value.TryGetDateTimeOffset(out var time) => time,
        _ => throw ApiException.Invalid($"'{field}' must be a time like 2026-01-02T03:04:05Z."),
    };

    /// <summary>The JSON text of an object; <c>{}</c> where the field is missing.</summary>
    public string ObjectText(string field) => Find(field) switch
    {
        null => "{}",
        { ValueKind: JsonValueKind.Object } value => value.GetRawText(),
        _ => throw ApiException.Invalid($"'{field}' must be a JSON object."),
    };

    /// <summary>The objects of an array; none where the field is missing.</summary>
    public IEnumerable<RequestBody> Objects(string field) => Find(field) is { } array ? ObjectsOf(array, field) : [];

    public bool Has(string field) => Find(field) is not null;

    /// <summary>A field of another name than these is a mistake.</summary>
    public void RefuseUnknown(params ReadOnlySpan<string> fields)
    {
        foreach (var member in _root.EnumerateObject())
        {
            if (!fields.Contains(NameOf(member)))
                throw ApiException.Invalid($"'{member.Name}' is not known. Valid fields: {string.Join(", ", fields!)}.");
        }
    }

    private JsonElement? Find(string field) =>
        _root.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            throw ApiException.Invalid("The name of a field is not valid Unicode.");
        }
    }

    private static ApiException NotObjects(string field) => ApiException.Invalid($"'{field}' must be an array of JSON objects.");

    private static ApiException NotInteger(string field, long min, long max) =>
        ApiException.Invalid($"'{field}' must be a whole number from {min} to {max}.");

    private static string AsText(JsonElement value, string field, int maxLength)
    {
        try
        {
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw ApiException.Invalid($"'{field}' must be a string.");
            return text.Length <= maxLength ? text : throw ApiException.Invalid($"'{field}' must have at most {maxLength} characters.");
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            throw ApiException.Invalid($"'{field}' is not valid Unicode.");
        }
    }
}
