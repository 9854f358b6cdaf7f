using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>Starts a session: checks what is asked for, gives it its name, and makes sure that the service kept the name.</summary>
/// <param name="transport">The way to the service.</param>
/// <param name="start">What to start.</param>
/// <param name="options">The settings of the calls.</param>
internal sealed class SessionStarter(Transport transport, SessionStart start, CallOptions? options)
{
    private OnceDriver? _driver;

    /// <summary>Starts the session.</summary>
    /// <exception cref="ArgumentException">What is asked for is not valid. No request was sent.</exception>
    /// <exception cref="MeshiaException">The profile does not allow it; the code is <c>GpuNotAllowed</c>, <c>MaxDurationRequired</c> or <c>TooManyRunning</c>. No session was created.</exception>
    public Task<Session> RunAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(start.Name))
            throw new ArgumentException("The name of a session must not be empty. Example: llama-finetune");
        if (!Regex.IsMatch(start.Gpu ?? "", MeshiaClient.GpuPattern))
            throw new ArgumentException($"'{start.Gpu}' is not a GPU. Example: rtx4090");
        if (start.Repo is not null && !Regex.IsMatch(start.Repo, MeshiaClient.RepoPattern))
            throw new ArgumentException($"'{start.Repo}' is not a repository. Example: github:user/repo");
        if (start.MaxDuration is { } duration && (duration < TimeSpan.FromMinutes(1) || duration > SessionDeadline.LongestDuration))
            throw new ArgumentException(FormattableString.Invariant($"-MaxDuration must be between 1 minute and {SessionDeadline.LongestDuration.TotalHours:0} hours. Examples: 2h, 90m, 01:30:00."));
        if (transport.Options.Policy.Check(start.Gpu!, start.MaxDuration) is { } violation)
            throw violation.ToException();
        SessionName.Validate(start.Name, start.Once is not null, start.MaxDuration is not null);
        if (start.Once is null)
            return CreateAsync(cancellationToken);
        _driver = new(transport, new(start.Name, OnceKey.From(start.Once), start.Gpu!, start.Repo, start.MaxDuration), options, start.Progress);
        return _driver.RunAsync(cancellationToken);
    }

    /// <summary>Looks once more for duplicates of the key, when it is time; without a key it does nothing.</summary>
    public Task LookLaterAsync(CancellationToken cancellationToken) => _driver?.LookLaterAsync(cancellationToken) ?? Task.CompletedTask;

    private async Task<Session> CreateAsync(CancellationToken cancellationToken)
    {
        if (transport.Options.Policy.MaxRunning is not null)
        {
            var listing = await SessionListing.ReadAsync(transport, options, SessionDeadline.LongestLife, cancellationToken).ConfigureAwait(false);
            transport.Options.Policy.RequireRoom(listing.Seen, listing.Facts.IsComplete);
        }

        var deadline = start.MaxDuration is { } duration ? await ServiceTimeAsync(cancellationToken).ConfigureAwait(false) + duration : (DateTimeOffset?)null;
        var name = SessionName.Compose(start.Name, null, deadline).Text;
        var session = await new SessionCreation(transport, options, name, start.Gpu!, start.Repo).RunAsync(cancellationToken).ConfigureAwait(false);
        if (deadline is null)
            return session;
        if (session.Name is null)
            session = await SessionRequests.GetAsync(transport, session.Id, options, cancellationToken).ConfigureAwait(false);
        if (session.Name == name)
            return session;
        DisplayText end = $"It was stopped.";
        try
        {
            await new SessionStop(transport, session.Id, options).RunAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (MeshiaException failure)
        {
            end = $"Stopping it failed, so it may cost money: {failure.Message:long} Stop it with Stop-MeshiaSession {session.Id:command}.";
        }

        throw new MeshiaException(MeshiaFailure.NotStarted, nameof(OnceError.NameChanged), $"The service changed the name of session {session.Id} from '{name}' to '{session.Name}', so its deadline is lost. {end} -MaxDuration cannot be used with this service.");
    }

    /// <summary>The time of the service, which the deadline is compared with.</summary>
    private async Task<DateTimeOffset> ServiceTimeAsync(CancellationToken cancellationToken)
    {
        if (transport.Service.HasAnswered)
            return transport.Service.Now;
        using var response = await transport.SendAsync(transport.Request(HttpMethod.Get, SessionRequests.List(SessionStatus.Provisioning).Path), options, cancellationToken).ConfigureAwait(false);
        return transport.Service.Now;
    }
}
