using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;
using System.Net;
using System.Text;

namespace Meshia.PowerShell;

/// <summary>A delivery's body and signature, found in the object of a platform.</summary>
/// <param name="Body">The bytes as received.</param>
/// <param name="Signature">The signature's header; null if there is none, or more than one.</param>
internal sealed record IncomingDelivery(byte[] Body, string? Signature)
{
    /// <summary>Longer than any event.</summary>
    private const int LongestBody = 16 * 1024 * 1024;

    /// <summary>Reads a delivery.</summary>
    /// <param name="input">
    /// Azure Automation's <c>$WebhookData</c> (an object, or its JSON), an Azure Functions request, a request of
    /// HttpListener or ASP.NET Core, any object with <c>Body</c> and <c>Headers</c>, or a bare body.
    /// </param>
    /// <param name="cancellationToken">Ends the reading of a request's stream.</param>
    /// <exception cref="FormatException">It is not one of these, or its body was changed.</exception>
    public static async Task<IncomingDelivery> FromAsync(object? input, CancellationToken cancellationToken)
    {
        var value = Plain(input);
        if (value is string text)
        {
            // As the test pane of Azure Automation gives it; anything else is a body as it is.
            return TryParse(text) is IDictionary map && Get(map, "RequestBody") is { } inner
                ? new IncomingDelivery(RequireBytes(inner), SignatureIn(Get(map, "RequestHeader")))
                : new IncomingDelivery(Encoding.UTF8.GetBytes(text), null);
        }

        if (value is HttpListenerContext context)
            value = context.Request;
        if (value is HttpListenerRequest request)
            return new IncomingDelivery(await ReadAsync(request.InputStream, cancellationToken).ConfigureAwait(false), SignatureIn(request.Headers));
        if (BytesOf(value) is { } bytes)
            return new IncomingDelivery(bytes, null);
        if (value is not null && Get(value, "RequestBody") is { } requestBody)
            return new IncomingDelivery(RequireBytes(requestBody), SignatureIn(Get(value, "RequestHeader")));
        if (value is not null && (Get(value, "RawBody") ?? Get(value, "Body")) is { } body)
        {
            var content = body is Stream stream ? await ReadAsync(stream, cancellationToken).ConfigureAwait(false) : RequireBytes(body);
            return new IncomingDelivery(content, SignatureIn(Get(value, "Headers")));
        }

        throw new FormatException("This is not a delivery: it has neither RequestBody (Azure Automation), nor RawBody or Body (a request). Use -Body and -Headers.");
    }

    /// <summary>The bytes of a body given as bytes or text; null if it is neither.</summary>
    public static byte[]? BytesOf(object? body) => Plain(body) switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        // A byte array that went through a pipeline or a script is an array of objects.
        object?[] items when items.All(item => Plain(item) is byte) => [.. items.Select(item => (byte)Plain(item)!)],
        _ => null,
    };

    /// <summary>The signature among headers, whose names may be in any case; null if there is none, or more than one.</summary>
    public static string? SignatureIn(object? headers)
    {
        var found = HeadersIn(Plain(headers) is string text ? TryParse(text) : Plain(headers))
            .Where(header => WebhookSignature.Header.Equals(header.Name?.ToString(), StringComparison.OrdinalIgnoreCase))
            .SelectMany(header => Plain(header.Value) is IEnumerable and not string ? ((IEnumerable)Plain(header.Value)!).Cast<object?>() : [header.Value])
            .Select(value => Plain(value)?.ToString())
            .ToList();
        return found.Count == 1 ? found[0] : null;
    }

    private static IEnumerable<(object? Name, object? Value)> HeadersIn(object? headers) => headers switch
    {
        null => [],
        IDictionary map => PlainValues.Entries(map).Select(entry => ((object?)entry.Key, (object?)entry.Value)),
        NameValueCollection collection => collection.AllKeys.Select(name => ((object?)name, (object?)collection.GetValues(name))),
        IEnumerable pairs => pairs.Cast<object>().Select(pair => (Get(pair, "Key"), Get(pair, "Value"))),
        _ => PSObject.AsPSObject(headers).Properties.Select(property => ((object?)property.Name, (object?)property.Value)),
    };

    private static byte[] RequireBytes(object body) => BytesOf(body)
        ?? throw new FormatException("The body of the delivery was parsed into objects, so its signature cannot be verified. Pass the raw body.");

    private static object? Get(object source, string name)
    {
        if (source is IDictionary map)
            return Plain(PlainValues.Entries(map).FirstOrDefault(entry => name.Equals(entry.Key.ToString(), StringComparison.OrdinalIgnoreCase)).Value);
        return Plain(PSObject.AsPSObject(source).Properties[name]?.Value);
    }

    private static object? TryParse(string text)
    {
        try
        {
            return MeshiaClient.ParseJson(text);
        }
        catch (FormatException)
        {
            // It is a text that is not JSON, which the reader of the body will say.
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (body.Length + count > LongestBody)
                throw new FormatException($"The body of the request is longer than {LongestBody} bytes, so it is not an event.");
            body.Write(buffer, 0, count);
        }

        return body.ToArray();
    }

    private static object? Plain(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
