using System.Net.Http.Headers;

namespace Meshia;

/// <summary>One request, before it is sent.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Uri">The full address.</param>
internal sealed record ApiRequest(HttpMethod Method, Uri Uri)
{
    /// <summary>JSON to send, or null for no body.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Whether sending it twice does no more than sending it once.</summary>
    public bool IsRepeatable { get; init; } = IsSafe(Method);

    /// <summary>Whether its answer is read while it arrives. Any other answer is complete before the attempt counts as one.</summary>
    public bool Streams { get; init; }

    /// <summary>Whether a redirect is the answer itself, and not followed.</summary>
    public bool ReadsRedirect { get; init; }

    /// <summary>The part of a file that is asked for, or null for all of it.</summary>
    public RangeHeaderValue? Range { get; init; }

    /// <summary>The version of the file of which the part is asked for.</summary>
    public EntityTagHeaderValue? IfRange { get; init; }

    /// <summary>How urgent it is.</summary>
    public RequestClass Class => this switch
    {
        _ when Method == HttpMethod.Delete || PathEndsIn("/stop") => RequestClass.Stop,
        _ when IsSafe(Method) || PathEndsIn("/compare") => RequestClass.Read,
        _ => RequestClass.Create,
    };

    /// <summary>Whether the method changes nothing at the service.</summary>
    public static bool IsSafe(HttpMethod method) => method == HttpMethod.Get || method == HttpMethod.Head;

    private bool PathEndsIn(string end) => Method == HttpMethod.Post && Uri.AbsolutePath.EndsWith(end, StringComparison.Ordinal);
}

/// <summary>A list of the API.</summary>
/// <typeparam name="T">What is in it.</typeparam>
/// <param name="Path">The path below the base address.</param>
/// <param name="Name">The property that the list is assumed to be under; a bare list and those under <see cref="ContractNames.ListWrappers"/> are read too.</param>
/// <param name="Convert">Makes an object of an item.</param>
internal sealed record ApiList<T>(string Path, string Name, Func<object?, T> Convert)
    where T : IServiceObject
{
    /// <summary>Whether the items keep the bytes that they were read from.</summary>
    public bool KeepsSource { get; init; }
}
