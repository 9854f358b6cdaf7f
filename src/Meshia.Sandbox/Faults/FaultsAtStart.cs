using System.Globalization;
using System.Text;
using System.Text.Json;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Faults;

/// <summary>The faults of the file that was given at the start.</summary>
internal sealed class FaultsAtStart
{
    private const int MaxLength = 16 * 1024 * 1024;

    // People write it: they may comment their faults.
    private static readonly JsonDocumentOptions _format = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    private readonly IReadOnlyList<RequestBody> _faults = [];

    /// <summary>Reads the file: <c>{"faults": […]}</c>, or the array alone.</summary>
    /// <exception cref="InvalidDataException">The file does not hold faults; the message says what is wrong.</exception>
    public FaultsAtStart(string? path)
    {
        if (path is null)
            return;
        try
        {
            using var document = JsonDocument.Parse(Read(path), _format);
            _faults = Check(document.RootElement.Clone());
        }
        catch (JsonException exception)
        {
            var (line, column) = (exception.LineNumber + 1, exception.BytePositionInLine + 1);
            throw NotFaults(path, line is null ? exception.Message : string.Create(CultureInfo.InvariantCulture, $"it is not valid JSON at line {line}, byte {column}."));
        }
        catch (ApiException exception)
        {
            throw NotFaults(path, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"--faults must be a file that can be read. {(Directory.Exists(path) ? $"'{path}' is a folder." : exception.Message)}", exception);
        }
    }

    /// <summary>The faults that an object lists.</summary>
    public static IReadOnlyList<RequestBody> ListOf(RequestBody body)
    {
        body.RefuseUnknown("faults");
        return body.Has("faults") ? [.. body.Objects("faults")] : throw ApiException.Invalid("'faults' is missing. It must be an array of faults.");
    }

    public void Set(FaultBook faults) => faults.ReplaceAll(_faults);

    /// <summary>The text, in the encoding that it begins with. A device may have no end.</summary>
    private static string Read(string path)
    {
        using var reader = new StreamReader(path);
        var (text, piece) = (new StringBuilder(), new char[4096]);
        while (reader.ReadBlock(piece) is > 0 and var length)
        {
            if (text.Append(piece, 0, length).Length > MaxLength)
                throw ApiException.Invalid($"it has more than {MaxLength} characters.");
        }

        return text.ToString();
    }

    private static IReadOnlyList<RequestBody> Check(JsonElement root)
    {
        var faults = root.ValueKind switch
        {
            JsonValueKind.Array => [.. RequestBody.ObjectsOf(root, "faults")],
            JsonValueKind.Object => ListOf(new(root)),
            _ => throw ApiException.Invalid("it must be an array of faults, or an object with the array 'faults'."),
        };
        for (var i = 0; i < faults.Count; i++)
        {
            try
            {
                Fault.Read(faults[i], "check");
            }
            catch (ApiException exception)
            {
                throw ApiException.Invalid($"fault {i + 1}: {exception.Message}");
            }
        }

        return faults;
    }

    private static InvalidDataException NotFaults(string path, string why) => new($"--faults must be a file of faults. '{path}' is not: {why}");
}
