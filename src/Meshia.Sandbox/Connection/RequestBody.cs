using System.Text.Json;

namespace Meshia.Sandbox.Connection;

/// <summary>The JSON object that a request carries. What is wrong with it is said with the name of the field.</summary>
internal readonly struct RequestBody
{
    private readonly JsonElement _root;

    private RequestBody(JsonElement root) => _root = root;

    public static async Task<RequestBody> ReadAsync(HttpRequest request)
    {
        try
        {
            var root = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            return root.ValueKind == JsonValueKind.Object
                ? new RequestBody(root)
                : throw ApiException.Invalid("The request body must be a JSON object.");
        }
        catch (JsonException)
        {
            throw ApiException.Invalid("The request body is not valid JSON.");
        }
    }

    public string Text(string field, int maxLength = 1024)
    {
        var text = OptionalText(field, maxLength);
        return string.IsNullOrWhiteSpace(text) ? throw ApiException.Invalid($"'{field}' must not be empty.") : text;
    }

    public string? OptionalText(string field, int maxLength = 1024) =>
        Find(field) is { } value ? AsText(value, field, maxLength) : null;

    public IReadOnlyList<string> Texts(string field)
    {
        if (Find(field) is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() == 0)
            throw ApiException.Invalid($"'{field}' must be an array of strings that is not empty.");
        return [.. array.EnumerateArray().Select(item => AsText(item, field, 1024)).Distinct()];
    }

    public long Integer(string field, long min, long max) =>
        Find(field) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) && number >= min && number <= max
            ? number
            : throw ApiException.Invalid($"'{field}' must be a whole number from {min} to {max}.");

    private JsonElement? Find(string field) =>
        _root.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

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
