using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>Reads what the service answered, whether it kept to its contract or not.</summary>
internal static class ApiResponse
{
    private const int LongestCode = 100;

    /// <summary>A longer text is a page or a log, and no message.</summary>
    private const int LongestText = 2000;

    public static string? RequestIdOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(ContractNames.RequestIdHeader, out var values) ? DisplayText.Clean(values.FirstOrDefault()) : null;

    /// <summary>[A] How many requests the service says are left in this minute.</summary>
    public static int? RequestsLeftOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(ContractNames.RequestsLeftHeader, out var values) && int.TryParse(values.FirstOrDefault(), out var left) ? left : null;

    /// <summary>The body as plain values; null if there is none.</summary>
    /// <param name="response">The answer, complete.</param>
    /// <param name="unread">Names of the body's object whose objects and arrays stay <see cref="UnreadJson"/>.</param>
    /// <exception cref="MeshiaException">The body is not JSON, or says that the request was refused.</exception>
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    public static async Task<object?> ReadAsync(HttpResponseMessage response, params string[] unread)
    {
        var body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        if (IsBlank(body))
            return null;
        object? value;
        try
        {
            value = JsonValue.ParseAnswer(body, unread);
        }
        catch (JsonException)
        {
            // Its message repeats what the service sent, which may be the key: it goes no further.
            throw Invalid(response, Describe(body), null);
        }

        return RefusalIn(response, value) is { } refusal ? throw refusal : value;
    }

    /// <summary>The body as plain values where it is JSON, or as its text where it says or seems to be none; null if it is empty.</summary>
    /// <exception cref="MeshiaException">The body says that it is JSON, and is not.</exception>
    public static async Task<object?> ReadAnyAsync(HttpResponseMessage response)
    {
        var type = response.Content.Headers.ContentType?.MediaType ?? "";
        if (type.EndsWith("json", StringComparison.OrdinalIgnoreCase))
            return await ReadAsync(response).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        if (body.Length == 0)
            return null;
        if (!type.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                var value = JsonValue.ParseAnswer(body);
                return RefusalIn(response, value) is { } refusal ? throw refusal : value;
            }
            catch (JsonException)
            {
                // Then it is a text.
            }
        }

        return EncodingOf(response).GetString(body);
    }

    /// <summary>Turns a body that was read into an object, with a clear error where that fails.</summary>
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, Func<object?, T> convert, params string[] unread)
    {
        var value = await ReadAsync(response, unread).ConfigureAwait(false);
        if (value is null)
            throw Invalid(response, "nothing", null);
        try
        {
            return convert(value);
        }
        catch (FormatException failure)
        {
            throw Invalid(response, failure.Message, failure, value);
        }
    }

    /// <summary>An answer that is not what the contract says.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="what">What it is instead.</param>
    /// <param name="cause">Why it could not be read.</param>
    /// <param name="value">Its JSON: what the service says in it for a person belongs to the error.</param>
    public static MeshiaException Invalid(HttpResponseMessage response, string what, Exception? cause, object? value = null)
    {
        var words = value is Dictionary<string, object?> map && FieldName.Find(map, ContractNames.Id) is null && ErrorBody.Read(map).Message is { } message ? (DisplayText)$" It says: {message}" : null;
        return new(MeshiaFailure.InvalidAnswer, "invalid_answer", $"The service answered with {what} instead of the JSON of the API ({Details(response, null)}).{words}", cause)
        {
            StatusCode = response.StatusCode,
            RequestId = RequestIdOf(response),
            Location = response.Headers.Location,
            RecommendedAction = "Check the address of the Meshia API, and whether a proxy answers instead, then try again.",
        };
    }

    /// <summary>[A] The refusal in an answer whose status says success; null if there is none.</summary>
    public static MeshiaException? RefusalIn(HttpResponseMessage response, object? value)
    {
        if (!response.IsSuccessStatusCode || !ErrorBody.IsRefusal(value))
            return null;
        var (code, message) = ErrorBody.Read(value);
        return Refused(response, code ?? "refused", message is null ? (DisplayText)$"The service refused the request without a reason." : DisplayText.From(message), null);
    }

    /// <summary>The error that the service answered with, in the documented form or in another one.</summary>
    /// <param name="response">The answer, complete.</param>
    /// <param name="now">The time, for a date until which to wait.</param>
    public static async Task<MeshiaException> ErrorAsync(HttpResponseMessage response, DateTimeOffset now)
    {
        var body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        var (code, message) = WordsOf(response, body);
        var sentence = DisplayText.From(message);
        if (message is null)
            sentence = $"The service refused the request ({Describe(body)}{TitleOf(body)} instead of an error message).";
        return Refused(response, code ?? Fallback(response.StatusCode), sentence, Resilience.RetryAfter(response, now));
    }

    private static MeshiaException Refused(HttpResponseMessage response, string code, DisplayText sentence, TimeSpan? wait)
    {
        code = DisplayText.Clean(code, LongestCode);
        var asks = wait > TimeSpan.Zero ? (DisplayText)$" The service asks to wait {SpokenTime.Of(wait.Value)}." : null;
        return new(MeshiaFailure.Refused, code, $"{sentence}{asks} ({Details(response, code)})")
        {
            StatusCode = response.StatusCode,
            RequestId = RequestIdOf(response),
            RetryAfter = wait,
            RecommendedAction = ActionFor(response.StatusCode, wait),
        };
    }

    /// <summary>What a body is, for a sentence: never its content.</summary>
    private static string Describe(byte[] body)
    {
        if (IsBlank(body))
            return "nothing";
        try
        {
            _ = JsonValue.Parse(body);
            return "JSON without an error message";
        }
        catch (JsonException)
        {
            // It looks like what the first character says.
        }

        return Start(body).FirstOrDefault() switch
        {
            '{' or '[' => "JSON that is cut off, damaged or nested too deeply",
            '<' => "a page (HTML)",
            _ => "text",
        };
    }

    private static DisplayText? TitleOf(byte[] body)
    {
        var title = Regex.Replace(Regex.Match(Start(body), "<title[^>]*>([^<]*)<", RegexOptions.IgnoreCase).Groups[1].Value, @"\s+", " ").Trim();
        return title.Length == 0 ? null : (DisplayText)$" titled '{title}'";
    }

    private static Encoding EncodingOf(HttpResponseMessage response)
    {
        try
        {
            return response.Content.Headers.ContentType?.CharSet is { Length: > 0 } name ? Encoding.GetEncoding(name.Trim('"')) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            // A name that this machine does not know.
            return Encoding.UTF8;
        }
    }

    private static string Start(byte[] body) => Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 4096)).TrimStart();

    private static (string? Code, string? Message) WordsOf(HttpResponseMessage response, byte[] body)
    {
        try
        {
            return IsBlank(body) ? (null, null) : ErrorBody.Read(JsonValue.Parse(body));
        }
        catch (JsonException)
        {
            // A page, half a JSON, or a text: only the last has words for a person.
            var text = EncodingOf(response).GetString(body).Trim();
            return (null, body.Length <= LongestText && text.Length > 0 && text[0] is not ('<' or '{' or '[') ? text : null);
        }
    }

    private static DisplayText Details(HttpResponseMessage response, string? code)
    {
        DisplayText details = $"status {(int)response.StatusCode}";
        if (code is not null)
            details += $", code {code}";
        if (RequestIdOf(response) is { } id)
            details += $", request id {id}";
        return details;
    }

    private static string Fallback(HttpStatusCode status) => (int)status switch
    {
        400 => "bad_request",
        401 => "unauthorized",
        402 or 403 => "forbidden",
        404 => "not_found",
        409 => "conflict",
        429 => "rate_limited",
        >= 500 => "server_error",
        _ => $"http_{(int)status}",
    };

    private static string? ActionFor(HttpStatusCode status, TimeSpan? wait) => (int)status switch
    {
        400 or 422 => "Correct the value that the message names.",
        401 => "Check the API key: it may be wrong or revoked. Create a new one in Settings > API.",
        402 or 403 => "The plan of this account may not include this. See Billing and plans.",
        404 => "Check the id, and that it belongs to this account.",
        409 => "Check the current state, then try again.",
        429 or 503 when wait > TimeSpan.Zero => $"Wait {SpokenTime.Of(wait.Value)}, then try again. {(status == (HttpStatusCode)429 ? "Other scripts may use the same key." : "")}".TrimEnd(),
        429 => "Wait a minute. Other scripts may use the same key: the limit is 60 requests a minute for all of them.",
        >= 500 => "Try again later. If the error stays, give the request id to the support of the service.",
        _ => null,
    };

    private static bool IsBlank(byte[] body) => Array.TrueForAll(body, octet => octet is (byte)' ' or (byte)'\r' or (byte)'\n' or (byte)'\t');
}
