using Microsoft.AspNetCore.Http;

namespace Meshia.PowerShell.Tests;

/// <summary>What a cmdlet must do with a form of an answer.</summary>
internal enum MatrixOutcome
{
    /// <summary>The same objects as of the right answer, without a word.</summary>
    Same,

    /// <summary>An error or a warning that names what is wrong.</summary>
    Said,

    /// <summary>The same, and all other items come.</summary>
    SaidAndOthers,

    /// <summary>An empty list, without a word.</summary>
    Nothing,
}

/// <summary>A form in which the service may answer.</summary>
/// <param name="Fact">The fact of the contract page.</param>
/// <param name="Name">The form; as the page writes it, where the contract accepts it.</param>
/// <param name="Outcome">What a cmdlet must do with it.</param>
internal sealed record MatrixForm(string Fact, string Name, MatrixOutcome Outcome)
{
    /// <summary>What the error or the warning must have in it.</summary>
    public string Word { get; init; } = "";

    /// <summary>Makes the body; null where the form is none of this answer.</summary>
    public Func<MatrixAnswer, string?>? Body { get; init; }

    /// <summary>Sends the answer, where there is more to it than a body.</summary>
    public Func<MatrixAnswer, SeenRequest, HttpContext, Task<bool>>? Send { get; init; }

    /// <summary>Whether it is a matter of HTTP, and so of commands that do not look into the answer too.</summary>
    public bool IsOfHttp { get; init; }

    /// <summary>Whether it is a failure that passes.</summary>
    public bool IsPassing => Fact == "error-others" && Outcome == MatrixOutcome.Same;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MatrixForm> All { get; } =
        [.. MatrixForms.OfFields, .. MatrixForms.OfObjects, .. MatrixForms.OfLists, .. MatrixHttpForms.OfPages, .. MatrixHttpForms.OfAddresses, .. MatrixHttpForms.OfHttp, .. MatrixHttpForms.OfErrors];
}
