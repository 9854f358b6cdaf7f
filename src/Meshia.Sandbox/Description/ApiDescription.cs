using System.Reflection;
using System.Text.Json;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Description;

/// <summary>The description of the API, written by hand: what is documented, and what the project assumes.</summary>
internal sealed class ApiDescription
{
    private const string Resource = "openapi.json";

    private readonly Lazy<byte[]> _bytes = new(Read);
    private readonly Lazy<JsonElement> _parsed;

    public ApiDescription() => _parsed = new(() => JsonSerializer.Deserialize<JsonElement>(_bytes.Value));

    private JsonElement Root => _parsed.Value;

    public void Map(IEndpointRouteBuilder app) => app.MapGet($"/{Resource}", () => Results.Bytes(_bytes.Value, "application/json"));

    /// <summary>What a request leans on that is not documented; null if there is nothing.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path below the base address, with placeholders such as <c>{id}</c>.</param>
    /// <param name="query">The parameters of the query.</param>
    /// <param name="body">The body; null if there is none.</param>
    public string? FindUndocumented(string method, string path, IQueryCollection query, JsonElement? body)
    {
        if (!Root.GetProperty("paths").TryGetProperty(path, out var item) || !item.TryGetProperty(method.ToLowerInvariant(), out var operation))
            return $"the operation {method} {path}";
        foreach (var (name, values) in query)
        {
            if (Parameter(operation, name) is not { } parameter || !IsDocumented(parameter))
                return $"the parameter '{name}'";
            if (UndocumentedValue(parameter.GetProperty("schema"), values.ToString()) is { } value)
                return $"the value '{value}' of the parameter '{name}'";
        }

        if (body is not { ValueKind: JsonValueKind.Object } members)
            return null;
        var fields = operation.TryGetProperty("requestBody", out var description) ? Schema(description).GetProperty("properties") : default;
        foreach (var member in members.EnumerateObject())
        {
            if (Text(() => member.Name) is not { } name)
                return "a field whose name is not valid Unicode";
            if (fields.ValueKind != JsonValueKind.Object || !fields.TryGetProperty(name, out var field) || !IsDocumented(field))
                return $"the field '{name}'";
            if (member.Value.ValueKind == JsonValueKind.String && Text(member.Value.GetString) is { } text && UndocumentedValue(field, text) is { } value)
                return $"the value '{value}' of the field '{name}'";
        }

        return null;
    }

    private static byte[] Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }

    private JsonElement Schema(JsonElement requestBody)
    {
        var reference = requestBody.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString()!;
        return Root.GetProperty("components").GetProperty("schemas").GetProperty(reference.Split('/')[^1]);
    }

    private static JsonElement? Parameter(JsonElement operation, string name) => operation.TryGetProperty("parameters", out var parameters)
        ? parameters.EnumerateArray().Cast<JsonElement?>().FirstOrDefault(parameter =>
            parameter!.Value.GetProperty("name").GetString() == name && parameter.Value.GetProperty("in").GetString() == "query")
        : null;

    private static bool IsDocumented(JsonElement element) => element.GetProperty("x-status").GetString() == "documented";

    /// <summary>A text of the request; null if it has half of a surrogate pair, of which the endpoint says what is wrong.</summary>
    private static string? Text(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? UndocumentedValue(JsonElement schema, string value) =>
        schema.TryGetProperty("x-documented-values", out var values) && !values.EnumerateArray().Any(known => known.GetString() == value) ? value : null;
}

/// <summary>With <c>--strict</c>, refuses what leans on something that Meshia does not document, and says what.</summary>
internal sealed class StrictCheck(RequestDelegate next, ApiDescription description)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        JsonElement? body = null;
        if (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            request.EnableBuffering();
            try
            {
                body = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: context.RequestAborted);
            }
            catch (JsonException)
            {
                // The endpoint says what is wrong with it.
            }

            request.Body.Position = 0;
        }

        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            var path = endpoint.RoutePattern.RawText![Origins.ApiPath.Length..];
            var what = IsWritten(endpoint.RoutePattern.RawText!, request.Path.Value!)
                ? description.FindUndocumented(request.Method, path, request.Query, body)
                : $"the path '{request.Path}'";
            if (what is not null)
            {
                throw new ApiException(StatusCodes.Status422UnprocessableEntity, ErrorCodes.Undocumented,
                    $"The request uses {what}, which Meshia does not document. The sandbox refuses it because it was started with --strict.");
            }
        }

        await next(context);
    }

    /// <summary>Whether the path has the case of the documented one, and no slash at its end. Routes take it either way.</summary>
    private static bool IsWritten(string documented, string path)
    {
        var (words, given) = (documented.Split('/'), path.Split('/'));
        return words.Length == given.Length && words.Zip(given).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
    }
}
